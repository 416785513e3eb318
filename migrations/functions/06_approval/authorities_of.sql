-- authorities_of: in whose authority an agent may answer at an instant: their own, that of whoever lends it to them
-- then, and that of the duty pool of which they are a member. A row per delegation, because each lends its own kinds
-- and amount. Whoever lends must be active; whoever is lent to must be as well, which the caller checks of the agent
-- itself.
-- Callers: answers_for, answering. Locks: none. Cost: two look-ups.
create or replace function authorities_of(p_tenant uuid, p_agent text, p_at timestamptz)
returns table (authority text, how text, kinds text[], lent_minor bigint, lent_currency text, until timestamptz)
language plpgsql stable
as $$
#variable_conflict error
begin
    return query
        select p_agent, 'OWN', null::text[], null::bigint, null::text, null::timestamptz
        union all
        select d.delegator_id, 'DELEGATE', d.kinds, d.lent_minor, d.lent_currency, d.ends_at
        from delegations d
        cross join lateral (
            select x.is_active from agents x
            where x.tenant_id = p_tenant and x.agent_id = d.delegator_id limit 1) a
        where d.tenant_id = p_tenant
            and d.delegate_id = p_agent
            and d.starts_at <= p_at
            and p_at < d.ends_at
            and a.is_active
        union all
        select r.duty_pool_id, 'POOL', null, null, null, null
        from routings r
        where r.tenant_id = p_tenant and r.duty_pool_id is not null and p_agent = any (r.duty_member_ids);
end $$;
