/** A table that must outlive its server: how it is made, how it is read, and what is found there. */
export const CREATE = "CREATE TABLE kept AS SELECT 'still here' AS text";
export const SELECT = 'SELECT text FROM kept';
export const KEPT = [{ text: 'still here' }];
