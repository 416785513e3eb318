-- drop_unused_authorities: an agent whose overrides changed has left an authority behind that nobody has now.
-- Callers: give_authority. Locks: those authorities and their maxima.
create or replace function drop_unused_authorities(p_tenant uuid) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_unused int[] := array(
        select u.authority_id
        from authorities u
        left join agents a on a.tenant_id = p_tenant and a.authority_id = u.authority_id
        where u.tenant_id = p_tenant and u.authority_id > 1000000 and a.agent_id is null);
begin
    delete from maxima m where m.tenant_id = p_tenant and m.authority_id = any (v_unused);
    delete from authorities u where u.tenant_id = p_tenant and u.authority_id = any (v_unused);
end $$;
