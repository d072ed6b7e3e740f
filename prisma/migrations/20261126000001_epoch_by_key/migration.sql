-- The value is the same; its row is found by the key. A connection that avoids sequential scans, as the server's do, has no
-- index for a row that is not asked for, and PostgreSQL before 18 then thinks every plan equally dear.
CREATE OR REPLACE FUNCTION current_inbox_epoch() RETURNS text LANGUAGE sql STABLE
    RETURN left(md5(concat_ws('/',
        (SELECT epoch FROM inbox_epoch WHERE only_row),
        (SELECT system_identifier FROM pg_control_system()),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8))), 12);
