-- rate_on: the tenant's newest rate from one currency to another, dated not after the day and not older than allowed.
-- Never inverted, never chained: no row, no rate (null), and without a rate there is no gesture.
-- Callers: match. Locks: none. Cost: one index look-up, and only for a gesture in a foreign currency.
create or replace function rate_on(p_tenant uuid, p_from text, p_to text, p_day date, p_age_max_days int)
returns numeric
language plpgsql stable
as $$
#variable_conflict error
declare
    v_rate numeric;
begin
    select r.rate into v_rate
    from rates r
    where r.tenant_id = p_tenant
        and r.from_currency = p_from
        and r.to_currency = p_to
        and r.dated between p_day - p_age_max_days and p_day
    order by r.dated desc
    limit 1;
    return v_rate;
end $$;
