/** The form of `npm test`. */
export const USUAL = { strategy: 'normalized', partitioned: false };

/** The other forms that a database of messages can have, and ways to read it: `npm run test:forms` runs in each. */
export const FORMS = [{ strategy: 'normalized', partitioned: true }];

export const nameOf = ({ strategy, partitioned }) => `${strategy}${partitioned ? '_partitioned' : ''}`;
