-- give_authority: every agent of the roster gets the authority of their level, or one to themselves if they have
-- overrides; all maxima that this needs are compiled. A level that nobody knows gives none; check_roster says so.
-- p_everybody: all of them (after a new document); else only who has none yet.
-- Callers: apply, put_agents. Locks: the tenant's agents, authorities and maxima. SQLSTATE: LG422.
create or replace function give_authority(p_tenant uuid, p_document jsonb, p_everybody boolean) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_last int := (select greatest(max(u.authority_id), 1000000) from authorities u where u.tenant_id = p_tenant);
begin
    if p_everybody then
        update agents a set authority_id = 0 where a.tenant_id = p_tenant and a.authority_id <> 0;
    end if;

    with single as (
        select a.agent_id, v_last + row_number() over (order by a.agent_id) authority_id
        from agents a
        join authorities u on u.tenant_id = p_tenant and u.authority_id <= 1000000 and u.level = a.level
        where a.tenant_id = p_tenant and a.is_listed and a.authority_id = 0 and a.overrides <> '[]')
    update agents a
    set authority_id = s.authority_id
    from single s
    where a.tenant_id = p_tenant and a.agent_id = s.agent_id;

    insert into authorities (tenant_id, authority_id, level, policies, budgets)
    select p_tenant, a.authority_id, u.level, u.policies, u.budgets
    from agents a
    join authorities u on u.tenant_id = p_tenant and u.authority_id <= 1000000 and u.level = a.level
    where a.tenant_id = p_tenant and a.authority_id > v_last;

    update agents a
    set authority_id = u.authority_id
    from authorities u
    where a.tenant_id = p_tenant
        and a.is_listed
        and a.authority_id = 0
        and u.tenant_id = p_tenant
        and u.authority_id <= 1000000
        and u.level = a.level;

    perform compile_maxima(p_tenant, p_document, case when p_everybody then 0 else v_last end);
    perform drop_unused_authorities(p_tenant);
end $$;
