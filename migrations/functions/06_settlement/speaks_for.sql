-- speaks_for: the actor is active, and is the agent or stands above in the agent's reporting line.
-- Callers: judge_settlement. Locks: none. Cost: a look-up per step of the line, at most 64.
create or replace function speaks_for(p_tenant uuid, p_actor text, p_agent text) returns boolean
language plpgsql stable
as $$
#variable_conflict error
declare
    v_agent text := p_agent;
begin
    if not exists (
        select from agents x where x.tenant_id = p_tenant and x.agent_id = p_actor and x.is_active) then
        return false;
    end if;
    for v_step in 0 .. 64 loop
        if v_agent is null or v_agent = p_actor then
            return v_agent is not null;
        end if;
        select x.manager_id into v_agent from agents x where x.tenant_id = p_tenant and x.agent_id = v_agent;
    end loop;
    return false;
end $$;
