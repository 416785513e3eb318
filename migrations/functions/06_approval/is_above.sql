-- is_above: whether an agent stands above another in the reporting line. Callers: judge_step. Locks: none. Cost: a look-up
-- per step of the line, at most 64.
create or replace function is_above(p_tenant uuid, p_upper text, p_agent text) returns boolean
language plpgsql stable
as $$
#variable_conflict error
declare
    v_agent text := p_agent;
begin
    for v_step in 1 .. 64 loop
        select a.manager_id into v_agent from agents a where a.tenant_id = p_tenant and a.agent_id = v_agent;
        if v_agent is null or v_agent = p_upper then
            return v_agent is not null;
        end if;
    end loop;
    return false;
end $$;
