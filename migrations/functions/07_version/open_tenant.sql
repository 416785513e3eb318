-- open_tenant: the tenant of a name. With expected version 0 a new name gets a tenant, of version 0 and with an
-- empty trail.
-- Promises: of two that create the same name at once, one does, and the other waits and finds it.
-- Callers: apply. Locks: the name, if it is new. SQLSTATE: LG400 malformed, LG404 no tenant of this name.
create or replace function open_tenant(p_name text, p_fresh_tenant uuid, p_expected_version int) returns uuid
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_tenant uuid;
    v_new int := 0;
begin
    if is_id(p_name) is not true then
        raise 'a tenant has a name of 1 to 128 visible ASCII characters' using errcode = 'LG400';
    end if;
    if p_expected_version = 0 then
        if p_fresh_tenant is null then
            raise 'a new tenant needs an id' using errcode = 'LG400';
        end if;
        with fresh as (
            insert into tenant_names (name, tenant_id)
            values (p_name, p_fresh_tenant)
            on conflict (name) do nothing
            returning 1)
        select count(*) into v_new from fresh;
    end if;
    if v_new = 1 then
        insert into tenants (tenant_id, name, time_zone, week_starts_on, configuration_version, rate_max_age_days)
        values (p_fresh_tenant, p_name, 'UTC', 1, 0, 7);
        insert into heads (tenant_id, batch_no, head)
        values (p_fresh_tenant, 0, sha256(''));
    end if;
    select n.tenant_id into v_tenant from tenant_names n where n.name = p_name;
    if not found then
        raise 'no tenant is called %', p_name using errcode = 'LG404';
    end if;
    return v_tenant;
end $$;
