-- tenant_named: the tenant's row, where it is the one that the transaction named (set local largesse.tenant), or LG404.
-- What row-level security is to a statement that reads, this is to a function that reads as the owner: the second fence.
-- Callers: gestures_of, approvals_of, asked_of, sealed_of, similar_of. Locks: none. SQLSTATE: LG404 no such tenant, or
-- another one.
create or replace function tenant_named(p_tenant uuid) returns tenants
language plpgsql stable
as $$
begin
    if p_tenant is distinct from nullif(current_setting('largesse.tenant', true), '')::uuid then
        raise 'no such tenant was named' using errcode = 'LG404';
    end if;
    return tenant_in_force(p_tenant);
end $$;
