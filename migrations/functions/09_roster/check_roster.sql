-- check_roster: the rules about agents: levels, budgets and managers are there, every reporting line ends, and the duty
-- pool is a pool with people in it.
-- Callers: apply, put_agents, when all is in place. Locks: none. Cost: the roster, a few milliseconds per 1,000 agents.
-- SQLSTATE: LG422.
create or replace function check_roster(p_tenant uuid) returns void
language plpgsql stable
as $$
#variable_conflict error
begin
    perform refuse_document((
        select case
            when a.authority_id = 0 then format('agent %s: no level is called %s', a.agent_id, a.level)
            when b.budget_id is null then format('agent %s: no budget is called %s', a.agent_id, a.budget_id)
            else format('agent %s: the manager %s is not in the roster', a.agent_id, a.manager_id)
        end
        from agents a
        left join budgets b on b.tenant_id = p_tenant and b.budget_id = a.budget_id
        left join agents g on g.tenant_id = p_tenant and g.agent_id = a.manager_id and g.is_listed
        where a.tenant_id = p_tenant
            and a.is_listed
            and (a.authority_id = 0 or b.budget_id is null or (a.manager_id is not null and g.agent_id is null))
        order by a.agent_id
        limit 1));
    perform refuse_document((
        with recursive line as (
            select a.agent_id, a.manager_id, 0 steps from agents a where a.tenant_id = p_tenant and a.is_listed
            union all
            select l.agent_id, g.manager_id, l.steps + 1
            from line l
            join agents g on g.tenant_id = p_tenant and g.agent_id = l.manager_id
            where l.steps < 64)
        select format('agent %s: the reporting line is a cycle, or longer than 64', l.agent_id)
        from line l
        where l.steps = 64
        order by l.agent_id
        limit 1));
    perform refuse_document((
        select case
            when a.agent_id is null then format('routing: %s is not in the roster', x.agent_id)
            else format('routing: %s is of type %s, and %s is needed there', x.agent_id, a.type, x.type)
        end
        from routings w
        cross join lateral (
            select w.duty_pool_id agent_id, 'POOL' type where w.duty_pool_id is not null
            union all
            select u.agent_id, 'HUMAN' from unnest(w.duty_member_ids) u (agent_id)) x
        left join agents a on a.tenant_id = p_tenant and a.agent_id = x.agent_id and a.is_listed
        where w.tenant_id = p_tenant and a.type is distinct from x.type
        order by x.type desc, x.agent_id
        limit 1));
end $$;
