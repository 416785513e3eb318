-- reporting_line: who stands above an agent, nearest first. The duty pool is asked as a pool and is never part of a line.
-- Callers: candidates_of. Locks: none. Cost: a look-up per step, at most 65.
create or replace function reporting_line(p_tenant uuid, p_agent text) returns text[]
language plpgsql stable
as $$
#variable_conflict error
declare
    v_line text[] := '{}'::text[];
    v_agent text;
    v_next text;
    v_type text;
begin
    select a.manager_id into v_next from agents a where a.tenant_id = p_tenant and a.agent_id = p_agent;
    for v_step in 1 .. 64 loop
        v_agent := v_next;
        exit when v_agent is null;
        select a.type, a.manager_id into v_type, v_next
        from agents a
        where a.tenant_id = p_tenant and a.agent_id = v_agent;
        if v_type <> 'POOL' then
            v_line := array_append(v_line, v_agent);
        end if;
    end loop;
    return v_line;
end $$;
