-- put_roster: these agents are in the roster from now on, as they are described here. Others stay as they are.
-- Whoever was suspended by hand stays suspended: no roster undoes a suspension.
-- Accounts of their own are compiled per person: another agent of the same person gives them nothing either.
-- Callers: apply, put_agents. Locks: these agents' rows, and those of the same people. Cost: one insert for all, and a
-- look at the tenant's agents. SQLSTATE: LG422, also as a CHECK of agents.
create or replace function put_roster(p_tenant uuid, p_agents jsonb) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_accounts jsonb;                   -- by person: the customers that are accounts of their own
begin
    perform refuse_document('agents: ' || first_repeated(array(
        select x.id from jsonb_to_recordset(p_agents) x (id text))) || ' is there twice');
    perform refuse_document((
        select format('agent %s: no budget', x.id)
        from jsonb_to_recordset(p_agents) x (id text, budget text)
        where x.budget is null
        order by 1
        limit 1));

    insert into agents as a (
        tenant_id, agent_id, type, person_id, level, authority_id, manager_id, budget_id, own_customer_ids, overrides,
        is_listed)
    select
        p_tenant, x.id, x.type, coalesce(x.person, x.id), x.level, 0, x.manager, x.budget,
        coalesce(x.own_customers, '{}'), coalesce(nullif(x.overrides, 'null'), '[]'), true
    from jsonb_to_recordset(p_agents) x (
        id text, type text, person text, level text, manager text, budget text, own_customers text[], overrides jsonb)
    on conflict (tenant_id, agent_id) do update
    set type = excluded.type,
        person_id = excluded.person_id,
        level = excluded.level,
        authority_id = excluded.authority_id,
        manager_id = excluded.manager_id,
        budget_id = excluded.budget_id,
        own_customer_ids = excluded.own_customer_ids,
        overrides = excluded.overrides,
        is_listed = true;

    -- one pass and no join: nothing is known here of how many there are
    select jsonb_object_agg(p.person_id, p.ids) into v_accounts
    from (
        select a.person_id, array_agg(distinct c.id order by c.id) ids
        from agents a
        cross join unnest(a.own_customer_ids) c (id)
        where a.tenant_id = p_tenant
        group by a.person_id) p;
    update agents a
    set person_customer_ids = coalesce(texts(v_accounts -> a.person_id), '{}')
    where a.tenant_id = p_tenant
        and a.person_customer_ids <> coalesce(texts(v_accounts -> a.person_id), '{}');
end $$;
