-- nearest_above: the nearest active agent above in the reporting line; where there is none, the agent themselves.
-- Callers: open_follow_up. Locks: none. Cost: a look-up per step of the line.
create or replace function nearest_above(p_tenant uuid, p_agent text) returns text
language plpgsql stable
as $$
#variable_conflict error
begin
    return coalesce((
        select l.agent
        from unnest(reporting_line(p_tenant, p_agent)) with ordinality l (agent, step)
        where exists (
            select from agents a where a.tenant_id = p_tenant and a.agent_id = l.agent and a.is_active)
        order by l.step
        limit 1), p_agent);
end $$;
