-- The service's role may write no table, and no column of one.
select format('largesse_app may %s %s', p.what, c.oid::regclass)
from pg_class c
cross join unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p (what)
where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and c.relnamespace = 'largesse'::regnamespace
    and (has_table_privilege('largesse_app', c.oid, p.what)
        or (p.what in ('INSERT', 'UPDATE', 'REFERENCES') and has_any_column_privilege('largesse_app', c.oid, p.what)))
union all
select format('largesse_app may %s the sequence %s', p.what, c.oid::regclass)
from pg_class c
cross join unnest('{USAGE,UPDATE}'::text[]) p (what)
where c.relkind = 'S' and c.relnamespace = 'largesse'::regnamespace and has_sequence_privilege('largesse_app', c.oid, p.what)
