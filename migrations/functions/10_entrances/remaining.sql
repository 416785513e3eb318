-- remaining: what an agent may still give: a row for each catalog item, by kind and currency, with the limits that
-- bind it.
-- Promises: the limits are found by the same matching as a decision's. With p_at the use is recomputed from the
-- holds, in the windows of that instant; the maxima are those of today. A limit per customer or case is there when
-- one is given; a missing case is no problem here, where nothing is asked yet.
-- problems: the codes that refuse any amount. largest_now: null without authority; 0 where nothing fits.
-- Callers: largesse_app. Locks: none. Cost: a look-up per item and limit; with p_at all the tenant's gestures up to
-- then.
-- SQLSTATE: LG400 malformed, LG404 no such tenant or agent.
create or replace function remaining(
    p_tenant uuid,
    p_agent text,
    p_customer text,
    p_case text,
    p_segment text,
    p_occasion text,
    p_budget text,
    p_at timestamptz default null)
returns table (
    kind text,
    currency text,
    is_offered boolean,
    is_paused boolean,
    min_minor bigint,
    max_minor bigint,
    problems text[],
    largest_now bigint,
    limits jsonb,
    configuration_version int)
language plpgsql stable security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz := coalesce(p_at, largesse.now());
    v_tenant tenants := tenant_in_force(p_tenant);
    v_items catalog_items[];
    m matched[];
begin
    if is_id(p_agent) is not true or not isfinite(v_at) then
        raise 'whose, and when?' using errcode = 'LG400';
    end if;
    if not exists (select from agents a where a.tenant_id = p_tenant and a.agent_id = p_agent) then
        raise 'no agent is called %', p_agent using errcode = 'LG404';
    end if;
    v_items := array(
        select i from catalog_items i where i.tenant_id = p_tenant order by i.kind collate "C", i.currency collate "C");
    m := match(p_tenant, v_at, false, array(
        select row (
            null, p_agent, i.kind, i.min_minor, i.currency, p_customer, p_segment, p_case, p_occasion, p_budget, '',
            null, null, null, null, null, null, null, false, null)::asked
        from unnest(v_items) with ordinality i (
            tenant_id, kind, currency, is_offered, min_minor, max_minor, recipient_fields, channel, lead_time_s,
            tolerance_bp, dual_minor, ord)
        order by i.ord));

    return query
        with charged as materialized (
            select x.ord, c.*
            from unnest(m) x
            cross join lateral unnest(x.limits, x.subjects, x.windows, x.amounts, x.maxima, x.max_counts,
                coalesce(x.rates, array_fill(null::numeric, array[coalesce(cardinality(x.limits), 0)]))) with ordinality
                c (limit_id, subject, window_on, amount, maximum, max_count, rate, pos)
            where c.subject is not null),
        named as materialized (
            select
                array_agg(d.limit_id) limits, array_agg(d.subject) subjects, array_agg(d.window_on) windows
            from (select distinct c.limit_id, c.subject, c.window_on from charged c where c.window_on is not null) d),
        used as materialized (
            select u.* from named n cross join lateral used_now(p_tenant, n.limits, n.subjects, n.windows) u
            where p_at is null
            union all
            select u.* from named n cross join lateral used_at(p_tenant, v_at, n.limits, n.subjects, n.windows) u
            where p_at is not null),
        standing as materialized (
            select
                c.ord, c.pos, l, c.window_on, c.maximum, c.max_count, coalesce(u.used, 0) used,
                coalesce(u.used_count, 0) used_count,
                case
                    when c.amount is null or coalesce(u.used_count, 0) >= c.max_count then 0
                    else largest_amount(
                        c.maximum - coalesce(u.used, 0), c.rate,
                        case when l.span = 'GESTURE' then 0 else x.tolerance_bp end)
                end largest
            from charged c
            join unnest(m) x on x.ord = c.ord
            join largesse.limits l on l.tenant_id = p_tenant and l.limit_id = c.limit_id
            left join used u on u.limit_id = c.limit_id and u.subject = c.subject and u.window_on = c.window_on),
        item as (
            select
                x.*, i.is_offered, i.min_minor, i.max_minor, i.dual_minor,
                coalesce(array_remove(x.faults, 'CASE_MISSING') || x.problems, '{}') codes,
                (select min(s.largest) from standing s where s.ord = x.ord) largest,
                (
                    select jsonb_agg(state_of_limit(
                        v_tenant.time_zone, s.l, s.window_on, s.used, s.used_count, s.maximum, s.max_count,
                        s.largest) order by s.pos)
                    from standing s
                    where s.ord = x.ord) states
            from unnest(m) x
            join unnest(v_items) i on i.kind = x.kind and i.currency = x.currency)
        select
            i.kind, i.currency, i.is_offered, 'PAUSED' = any (i.codes), i.min_minor, i.max_minor, i.codes,
            case
                when 'NO_AUTHORITY' = any (i.codes) then null
                when i.codes <> '{}' or least(i.largest, i.dual_minor) < i.min_minor then 0
                else least(i.largest, i.max_minor, i.dual_minor)
            end,
            coalesce(i.states, '[]'), i.version
        from item i
        order by i.ord;
end $$;
