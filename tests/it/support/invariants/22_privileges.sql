-- The service's role owns nothing and can become nobody; row-level security is forced everywhere; what runs as the owner
-- looks nothing up where a caller could put it.
select format('largesse_app is %s', x.what)
from pg_roles r
cross join lateral (values
    (r.rolsuper, 'a superuser'), (r.rolbypassrls, 'above row-level security'), (r.rolcreaterole, 'a maker of roles'),
    (r.rolcreatedb, 'a maker of databases'), (r.rolreplication, 'a replica'),
    (exists (select from pg_auth_members m where m.member = r.oid), 'a member of another role')) x (is_so, what)
where r.rolname = 'largesse_app' and x.is_so
union all
select format('largesse_app owns %s %s', d.classid::regclass, d.objid)
from pg_shdepend d
where d.refclassid = 'pg_authid'::regclass and d.refobjid = 'largesse_app'::regrole and d.deptype = 'o'
    and d.dbid in (0, (select oid from pg_database where datname = current_database()))
union all
select format('%s is not behind forced row-level security', c.oid::regclass)
from pg_class c
where c.relnamespace = 'largesse'::regnamespace
    and c.relkind in ('r', 'p')
    and c.relname not in ('_sqlx_migrations', 'hands')
    and not (c.relrowsecurity and c.relforcerowsecurity)
union all
select format('%s: a policy for %s lets everything through', p.polrelid::regclass, p.polname)
from pg_policy p
where ('largesse_app'::regrole = any (p.polroles) or 0 = any (p.polroles))
    and p.polrelid <> 'largesse.tenant_names'::regclass
    and (p.polcmd <> 'r' or pg_get_expr(p.polqual, p.polrelid) not like '%largesse.tenant%')
union all
select format('%s runs as its owner with the search path %s', p.oid::regprocedure, p.proconfig)
from pg_proc p
where p.prosecdef
    and p.pronamespace = 'largesse'::regnamespace
    and not exists (select from unnest(p.proconfig) c where c like 'search_path=%, pg_temp')
union all
select format('everybody may call %s', p.oid::regprocedure)
from pg_proc p
where p.pronamespace = 'largesse'::regnamespace
    and exists (
        select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where a.grantee = 0 and a.privilege_type = 'EXECUTE')
union all
select format('largesse_app may create in %s', n.nspname)
from pg_namespace n
where has_schema_privilege('largesse_app', n.oid, 'CREATE')
union all
select format('largesse_app may %s in the database', p.what)
from unnest('{CREATE,TEMPORARY}'::text[]) p (what)
where has_database_privilege('largesse_app', current_database(), p.what)
