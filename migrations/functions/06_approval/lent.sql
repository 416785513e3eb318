-- lent: whether a delegation that is in force lends this authority for this gesture: null, it does; else the reason. Of
-- several, the one that lends most decides. What is lent is a maximum per gesture like any other: compared with the
-- amount, not with the hold. Callers: decide, candidates_of. Locks: none. Cost: a look-up, and a rate where currencies
-- differ.
create or replace function lent(
    p_tenant uuid, p_at timestamptz, p_delegator text, p_delegate text, p_kind text, p_amount bigint, p_currency text)
returns jsonb
language plpgsql stable
as $$
#variable_conflict error
declare
    v_tenant tenants := tenant_in_force(p_tenant);
    d record;
begin
    select x.lent_minor, x.lent_currency, c.asked
    into d
    from delegations x
    cross join lateral (
        select case
            when x.lent_minor is null then 0
            when x.lent_currency = p_currency then p_amount
            else ceil(p_amount * rate_on(
                p_tenant, p_currency, x.lent_currency, (p_at at time zone v_tenant.time_zone)::date,
                v_tenant.rate_max_age_days))
        end asked) c
    where x.tenant_id = p_tenant
        and x.delegator_id = p_delegator
        and x.delegate_id = p_delegate
        and x.starts_at <= p_at
        and p_at < x.ends_at
        and (x.kinds is null or p_kind = any (x.kinds))
    order by (x.lent_minor is null or c.asked <= x.lent_minor) is true desc, x.lent_minor desc, x.delegation_id
    limit 1;
    return case
        when not found then jsonb_build_object('code', 'NOT_LENT')
        when d.lent_minor is null or d.asked <= d.lent_minor then null
        when d.asked is null then jsonb_build_object('code', 'RATE_MISSING', 'currency', p_currency, 'to', d.lent_currency)
        else jsonb_build_object(
            'code', 'MORE_THAN_LENT', 'asked', d.asked::bigint, 'ceiling', d.lent_minor, 'currency', d.lent_currency)
    end;
end $$;
