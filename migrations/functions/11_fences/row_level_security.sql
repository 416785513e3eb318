-- Row-level security: the second fence, for reads. The service reads one tenant at a time, the one that the transaction
-- named (set local largesse.tenant); without one it sees nothing. FORCE: the owner is behind the fence too, and has a
-- policy of its own, because the functions that write run as the owner. The first fence are the grants.
--
-- A policy is made once and never replaced, since that would lock the table against everybody: a rule that changes gets
-- a new name here, and the old one is dropped by a numbered migration.
do $$
declare
    t record;
    v_policies name[];
begin
    for t in
        select c.oid, c.relname, c.relrowsecurity and c.relforcerowsecurity is_fenced
        from pg_class c
        where c.relnamespace = 'largesse'::regnamespace
            and c.relkind in ('r', 'p')
            and c.relname <> '_sqlx_migrations'
        order by c.relname
    loop
        v_policies := array(select p.polname from pg_policy p where p.polrelid = t.oid);
        if not t.is_fenced then
            execute format('alter table largesse.%I enable row level security', t.relname);
            execute format('alter table largesse.%I force row level security', t.relname);
        end if;

        if 'all_for_the_owner' <> all (v_policies) then
            execute format(
                'create policy all_for_the_owner on largesse.%I to largesse_owner using (true) with check (true)',
                t.relname);
        end if;

        -- finding a tenant by its name comes before naming one
        if t.relname = 'tenant_names' then
            if 'names_for_the_service' <> all (v_policies) then
                create policy names_for_the_service on largesse.tenant_names for select to largesse_app using (true);
            end if;
        elsif 'one_tenant_for_the_service' <> all (v_policies) then
            execute format(
                'create policy one_tenant_for_the_service on largesse.%I for select to largesse_app using '
                '(tenant_id = (select nullif(current_setting(''largesse.tenant'', true), '''')::uuid))',
                t.relname);
        end if;
    end loop;
end $$;
