-- unlist_missing: whoever is not among these agents leaves the roster: suspended, without authority, never deleted.
-- Returns those who were active until now, by id. Callers: apply. Locks: these agents' rows.
create or replace function unlist_missing(p_tenant uuid, p_agents jsonb) returns text[]
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_active text[] := array(
        select a.agent_id
        from agents a
        where a.tenant_id = p_tenant
            and a.is_active
            and not exists (select from jsonb_to_recordset(p_agents) x (id text) where x.id = a.agent_id)
        order by a.agent_id);
begin
    update agents a
    set is_listed = false, authority_id = 0
    where a.tenant_id = p_tenant
        and a.is_listed
        and not exists (select from jsonb_to_recordset(p_agents) x (id text) where x.id = a.agent_id);
    return v_active;
end $$;
