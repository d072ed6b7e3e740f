/** Lets everybody read `relations` who may read both `messages` and `users`, and nobody else. */
export const grantAsOnMessages = (relations: readonly string[]): string => `
  DO $$ DECLARE who text; BEGIN
    FOR who IN
      SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
      FROM pg_class, aclexplode(relacl)
      WHERE oid = 'messages'::regclass AND grantee <> relowner AND privilege_type = 'SELECT'
        AND has_table_privilege(grantee, 'users', 'SELECT')
    LOOP EXECUTE 'GRANT SELECT ON ${relations.join(', ')} TO ' || who; END LOOP;
  END $$`;
