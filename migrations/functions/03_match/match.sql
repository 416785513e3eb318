-- match: what each request asks, which rules it breaks, which counters it would charge and up to which maximum.
-- Promises: reads configuration only and locks nothing. The one place where limits are matched: admission, preview
-- and `remaining` call it, so that they cannot disagree.
-- Callers: admit_once, preview, remaining, revise, decide, lapse, candidates. Cost: 20 to 30 µs per request at 5
-- limits. SQLSTATE: LG404 no such tenant. Ids are looked up only when p_looks_up says so: almost every id is new, and
-- `claim` finds out for nothing.
-- Written so that no plan can go wrong, whatever the statistics say: laterals with limit 1, inside entrances that
-- forbid hashes, bitmaps and sequential scans. A join to a table that looked empty was materialised once per batch.
create or replace function match(p_tenant uuid, p_at timestamptz, p_looks_up boolean, p_asked asked[]) returns matched[]
language plpgsql stable
as $$
#variable_conflict error
declare
    v_tenant tenants := tenant_in_force(p_tenant);
    v_local timestamp := p_at at time zone v_tenant.time_zone;
    v_is_paused boolean;
    v_paused_kinds text[];
    v_paused_channels text[];
begin
    select
        count(*) filter (where p.scope = 'TENANT') > 0,
        coalesce(array_agg(p.name) filter (where p.scope = 'KIND'), '{}'),
        coalesce(array_agg(p.name) filter (where p.scope = 'CHANNEL'), '{}')
    into v_is_paused, v_paused_kinds, v_paused_channels
    from pauses p
    where p.tenant_id = p_tenant;

    return (
        select array_agg(row (
                q.ord, q.id, q.agent, q.kind, i.channel, q.amount, h.hold, coalesce(i.tolerance_bp, 0), q.currency,
                q.customer_id, q.segment, q.case_id, q.occasion, b.budget_id, q.waived, q.promise_by, q.replaces,
                q.digest, q.personal_digest, sha256(q.digest || q.personal_digest), q.sealed, q.credential, q.via,
                v_tenant.configuration_version,
                case
                    when g.state is null then null
                    when g.state = 'TOMBSTONE' then 'TOMBSTONED'
                    when g.request_digest <> q.digest then 'REUSED'
                    -- after an erasure nobody can make the personal digest again, so only the plain one is compared
                    when g.personal_digest <> q.personal_digest and g.has_key then 'REUSED'
                    else 'FIRST_ANSWER'
                end,
                string_to_array(nullif(concat_ws(' ',
                    case when a.agent_id is null then 'AGENT_UNKNOWN' end,
                    case when i.kind is null
                        and not exists (select from catalog_items x where x.tenant_id = p_tenant and x.kind = q.kind)
                        then 'KIND_UNKNOWN' end,
                    -- who left the roster may have a budget that has gone too: that is no mistake of the request
                    case when b.budget_id is not null and c.has_budget is not true
                        and (q.budget_id is not null or a.is_active) then 'BUDGET_UNKNOWN' end,
                    case when q.waived <> '' and not w.policies <@ v_tenant.policies then 'POLICY_UNKNOWN' end,
                    -- (null is "<> all" of an empty array)
                    case when q.segment is not null and q.segment <> all (v_tenant.segments)
                        then 'SEGMENT_UNKNOWN' end,
                    case when q.occasion is not null and q.occasion <> all (v_tenant.occasions)
                        then 'OCCASION_UNKNOWN' end,
                    case when c.lacks_case then 'CASE_MISSING' end,
                    case when not i.recipient_fields <@ string_to_array(q.recipient, ' ') then 'RECIPIENT_MISSING' end,
                    case when q.promise_by < p_at then 'PROMISE_PAST' end,
                    case when c.lacks_rate and i.is_offered then 'RATE_MISSING' end,
                    case when q.replaces is not null and z.gesture_id is null then 'REPLACES_UNKNOWN' end), ''), ' '),
                string_to_array(nullif(concat_ws(' ',
                    case when not a.is_active then 'AGENT_SUSPENDED' end,
                    case when i.is_offered is not true then 'KIND_NOT_OFFERED' end,
                    case when v_is_paused or q.kind = any (v_paused_kinds) or i.channel = any (v_paused_channels)
                        then 'PAUSED' end,
                    case when q.amount not between i.min_minor and i.max_minor then 'AMOUNT_OUT_OF_RANGE' end,
                    case when q.customer_id = any (a.person_customer_ids) then 'OWN_ACCOUNT' end,
                    case when q.waived <> '' and not w.policies <@ u.policies then 'POLICY_NOT_WAIVABLE' end,
                    case when c.has_budget and b.budget_id <> a.budget_id and b.budget_id <> all (u.budgets)
                        then 'BUDGET_NOT_ALLOWED' end,
                    case when i.is_offered and c.is_granted is not true then 'NO_AUTHORITY' end,
                    -- glass or not: above this amount nobody decides alone
                    case when q.amount > i.dual_minor then 'DUAL_CONTROL' end,
                    case when q.is_glass and c.has_glass is not true then 'BREAK_GLASS_NOT_ALLOWED' end), ''), ' '),
                c.is_misfit, c.limits, c.subjects, c.windows, c.amounts, case when c.is_converted then c.rates end,
                c.maxima, c.max_counts, c.hards, c.hard_counts, q.is_glass, q.recipient
            )::matched order by q.ord)
        from unnest(p_asked) with ordinality q (
            id, agent, kind, amount, currency, customer_id, segment, case_id, occasion, budget_id, waived, promise_by,
            replaces, digest, personal_digest, sealed, credential, via, is_glass, recipient, ord)
        left join lateral (
            select x.* from agents x where x.tenant_id = p_tenant and x.agent_id = q.agent limit 1) a on true
        left join lateral (
            select x.* from authorities x
            where x.tenant_id = p_tenant and x.authority_id = a.authority_id limit 1) u on true
        left join lateral (
            select x.* from catalog_items x
            where x.tenant_id = p_tenant and x.kind = q.kind and x.currency = q.currency limit 1) i on true
        left join lateral (
            select x.state, x.request_digest, x.personal_digest, exists (
                select from customer_keys k where k.tenant_id = p_tenant and k.customer_id = x.customer_id) has_key
            from gestures x
            where p_looks_up and x.tenant_id = p_tenant and x.gesture_id = q.id limit 1) g on true
        left join lateral (
            select x.gesture_id, x.customer_id from gestures x
            where q.replaces is not null and x.tenant_id = p_tenant and x.gesture_id = q.replaces limit 1) z
            on z.customer_id = q.customer_id
        cross join lateral (select coalesce(q.budget_id, a.budget_id)) b (budget_id)
        cross join lateral (select string_to_array(q.waived, ' ')) w (policies)
        -- the hold covers the tolerance, so that a capture never needs room
        cross join lateral (select q.amount + (q.amount * coalesce(i.tolerance_bp, 0) + 9999) / 10000) h (hold)
        cross join lateral (
            select
                array_agg(x.limit_id) limits, array_agg(x.subject) subjects, array_agg(x.window_on) windows,
                array_agg(x.amount) amounts, array_agg(x.rate) rates,
                array_agg(x.max_minor) maxima, array_agg(x.max_count) max_counts,
                array_agg(x.hard_minor) hards, array_agg(x.hard_count) hard_counts,
                bool_or(x.rate is not null) is_converted,
                bool_or(x.amount is null) lacks_rate,
                bool_or(x.lacks_case) lacks_case,
                bool_or(x.is_budget) has_budget,
                bool_or(x.grants) is_granted,
                bool_or(x.is_glass) has_glass,
                bool_or(x.amount > x.max_minor or x.max_count < 1) is_misfit
            from (
                select
                    l.limit_id, l.hard_minor, l.hard_count, r.rate, l.grants, l.is_glass,
                    window_on(l.span, v_local, v_tenant.week_starts_on) window_on,
                    case l.subject
                        when 'AGENT' then q.agent
                        when 'AGENT_AND_CUSTOMER' then q.agent || ' ' || q.customer_id
                        when 'CUSTOMER' then q.customer_id
                        when 'CASE' then q.case_id
                        else ''
                    end subject,
                    l.subject = 'CASE' and q.case_id is null lacks_case,
                    l.subject = 'BUDGET' is_budget,
                    case when l.currency = q.currency then e.amount else ceil(e.amount * r.rate)::bigint end amount,
                    -- Who breaks the glass goes up to hard_max in every limit, but for the one that counts broken glass:
                    -- that one stays at their own maximum.
                    case when q.is_glass and not l.is_glass then l.hard_minor else l.max_minor end max_minor,
                    case when q.is_glass and not l.is_glass then l.hard_count else l.max_count end max_count
                from (
                    select x.limit_id, x.subject, x.span, x.currency, x.segments, x.occasions, x.hard_minor, x.hard_count,
                        x.is_glass, x.max_minor, x.max_count, x.grants
                    from maxima x
                    where x.tenant_id = p_tenant and x.authority_id = a.authority_id and x.kind = q.kind
                    union all
                    select x.limit_id, 'BUDGET', x.span, x.currency, null, null, x.hard_minor, 2147483647,
                        false, x.hard_minor, 2147483647, false
                    from budget_paths x
                    where x.tenant_id = p_tenant and x.budget_id = b.budget_id) l
                cross join lateral (
                    select case when l.currency <> q.currency then rate_on(
                        p_tenant, q.currency, l.currency, v_local::date, v_tenant.rate_max_age_days) end) r (rate)
                -- what one gesture may cost is compared with what was asked; what a window has room for, with the hold
                cross join lateral (select case when l.span = 'GESTURE' then q.amount else h.hold end) e (amount)
                where (q.is_glass or not l.is_glass)
                    and (l.segments is null or q.segment = any (l.segments))
                    and (l.occasions is null or q.occasion = any (l.occasions))
            ) x
        ) c
    );
end $$;
