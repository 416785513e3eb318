-- check_delegation: why this authority may not be lent like this: p_outcome null, it may. One level deep: nobody who lends
-- is lent to in the same time, counted by people and not by accounts, so that no circle can close.
-- Callers: delegate, with the configuration held. Locks: none. Cost: the delegations of both.
create or replace function check_delegation(
    p_tenant uuid, p_at timestamptz, d delegations, out p_outcome text, out p_who text, out p_until timestamptz,
    out p_at_most bigint)
language plpgsql stable
as $$
#variable_conflict error
declare
    v_from agents;
    v_to agents;
    v_clash record;
begin
    select x.* into v_from from agents x where x.tenant_id = p_tenant and x.agent_id = d.delegator_id;
    select x.* into v_to from agents x where x.tenant_id = p_tenant and x.agent_id = d.delegate_id;
    select case
            when v_from.agent_id is null or v_to.agent_id is null then 'AGENT_UNKNOWN'
            when not v_from.is_active or not v_to.is_active then 'AGENT_SUSPENDED'
            when d.delegator_id = d.delegate_id then 'ONESELF'
            when v_from.person_id = v_to.person_id then 'SAME_PERSON'
            when v_from.type <> 'HUMAN' or v_to.type <> 'HUMAN' then 'NOT_HUMAN'
            when d.starts_at < p_at or d.ends_at <= d.starts_at then 'PAST'
        end
    into p_outcome;
    if p_outcome is not null then
        p_who := case
            when case p_outcome
                when 'AGENT_UNKNOWN' then v_from.agent_id is null
                when 'AGENT_SUSPENDED' then not v_from.is_active
                when 'NOT_HUMAN' then v_from.type <> 'HUMAN'
            end then d.delegator_id
            when p_outcome in ('AGENT_UNKNOWN', 'AGENT_SUSPENDED', 'NOT_HUMAN') then d.delegate_id
        end;
        return;
    end if;

    -- somebody lends to the delegator in this time, or the delegate lends to somebody: either would be two levels
    select x.delegator_id, x.delegate_id, x.ends_at, l.person_id lender, t.person_id lent_to
    into v_clash
    from delegations x
    join agents l on l.tenant_id = p_tenant and l.agent_id = x.delegator_id
    join agents t on t.tenant_id = p_tenant and t.agent_id = x.delegate_id
    where x.tenant_id = p_tenant
        and x.starts_at < d.ends_at
        and d.starts_at < x.ends_at
        and (l.person_id = v_to.person_id or t.person_id = v_from.person_id)
    order by (l.person_id = v_to.person_id and t.person_id = v_from.person_id) desc, x.ends_at
    limit 1;
    if found then
        p_outcome := case
            when v_clash.lender = v_to.person_id and v_clash.lent_to = v_from.person_id then 'CIRCLE'
            else 'CHAIN'
        end;
        p_who := case when v_clash.lender = v_to.person_id then v_clash.delegator_id else v_clash.delegate_id end;
        p_until := v_clash.ends_at;
        return;
    end if;
    select x.p_outcome, x.p_who, x.p_at_most into p_outcome, p_who, p_at_most
    from check_lent(p_tenant, v_from, d) x;
end $$;
