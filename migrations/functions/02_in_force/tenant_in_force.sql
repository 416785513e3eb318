-- tenant_in_force: the tenant's row, or LG404. Callers: every entrance that names a tenant. Locks: none.
-- SQLSTATE: LG404 no such tenant.
create or replace function tenant_in_force(p_tenant uuid) returns tenants
language plpgsql stable
as $$
#variable_conflict error
declare
    v_tenant tenants;
begin
    select t.* into v_tenant from tenants t where t.tenant_id = p_tenant;
    if not found then
        raise 'no such tenant' using errcode = 'LG404';
    end if;
    return v_tenant;
end $$;
