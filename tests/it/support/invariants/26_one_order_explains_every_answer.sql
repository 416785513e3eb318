-- In the order of the trail (batch, then arrival) no increase passed the maximum under which it was admitted, whoever
-- decided and whenever: an increase is where the gesture was approved, at first, by a revision or by somebody who was
-- asked, or where a cost was accepted, and is counted for the authority. Where a hold ends, what was not captured is
-- given back. A refusal that only limits caused (of a request, of a revision, or of the duty pool in silence) names
-- exactly what was used by then, and does not fit into what was left. So nobody was refused who would have fitted. (What
-- passes a maximum even on an empty counter is refused without locking: what it names as used informs, and is not
-- compared.)
with placed as materialized (
    select e.*, b.batch_no
    from largesse.events e
    join largesse.batches b on b.tenant_id = e.tenant_id and b.batch_id = e.batch_id
    where e.gesture_id is not null),
charged as (
    select p.*, h.*, x.captured
    from placed p
    join largesse.gestures g on g.tenant_id = p.tenant_id and g.gesture_id = p.gesture_id
    cross join lateral unnest(
        g.charged_limits, g.charged_subjects, g.charged_windows, g.charged_minor, g.charged_maxima, g.charged_rates)
        h (limit_id, subject, window_on, amount, maximum, rate)
    -- in the gesture's currency, by this event
    cross join lateral (select case p.type
        when 'CANCELLED' then (p.facts ->> 'captured')::bigint
        when 'COST_ACCEPTED' then g.captured_minor
        else (p.facts ->> 'captured_minor')::bigint
    end) x (captured)
    where h.window_on is not null),
moves as (
    select c.tenant_id, c.batch_no, c.ordinal, 1 part, c.gesture_id, c.limit_id, c.subject, c.window_on, c.amount, c.maximum,
        null::bigint used, null::bigint asked, false is_full
    from charged c
    where c.state = 'APPROVED' and c.type in ('APPROVED', 'REVISED') or c.type = 'COST_ACCEPTED'
    union all
    select c.tenant_id, c.batch_no, c.ordinal, 2, c.gesture_id, c.limit_id, c.subject, c.window_on,
        (least(c.amount, ceil(c.captured * coalesce(c.rate, 1))) - case c.type
            when 'COST_CORRECTED' then least(c.amount,
                ceil((c.captured + (c.facts ->> 'released_minor')::bigint) * coalesce(c.rate, 1)))
            else c.amount
        end)::bigint, null, null, null, false
    from charged c
    where c.type in ('CANCELLED', 'DELIVERED', 'FAILED', 'COST_CORRECTED', 'COST_ACCEPTED')),
refusals as (
    select p.tenant_id, p.batch_no, p.ordinal, 1, p.gesture_id, l.limit_id,
        case l.subject
            when 'AGENT' then w.who
            when 'AGENT_AND_CUSTOMER' then w.who || ' ' || g.customer_id
            when 'CUSTOMER' then g.customer_id
            when 'CASE' then g.case_id
            else ''
        end,
        coalesce(((r ->> 'window_start')::timestamptz at time zone (c.document ->> 'time_zone'))::date, '-infinity'),
        0::bigint, coalesce((r ->> 'ceiling')::bigint, 1000000000000000000), (r ->> 'used')::bigint,
        (r ->> 'asked')::bigint, coalesce((r ->> 'used_count')::int >= (r ->> 'ceiling_count')::int, false)
    from placed p
    join largesse.gestures g on g.tenant_id = p.tenant_id and g.gesture_id = p.gesture_id
    join largesse.configurations c on c.tenant_id = g.tenant_id and c.version = p.configuration_version
    cross join lateral (select case p.type when 'EXPIRED' then p.facts ->> 'pool' else g.requested_by end) w (who)
    cross join lateral jsonb_array_elements(p.facts::jsonb -> 'reasons') r
    join largesse.limits l on l.tenant_id = p.tenant_id and l.name = r ->> 'limit' and l.subject = r ->> 'subject'
        and l.span = r ->> 'span' and l.currency = r ->> 'currency'
    where (p.seq = 1 or p.type in ('REVISED', 'EXPIRED')) and l.span <> 'GESTURE'
        -- a revision may name another case; what was said of the old one is then not to be found again
        and (l.subject <> 'CASE' or p.seq >= g.terms_seq)
        and not exists (
        select from jsonb_array_elements(p.facts::jsonb -> 'reasons') x
        where x ->> 'code' <> 'LIMIT_EXCEEDED'
            or (x ->> 'asked')::bigint > (x ->> 'ceiling')::bigint
            or (x ->> 'ceiling_count')::int < 1)),
history as (
    select m.*, coalesce(sum(m.amount) over one, 0) before
    from (select * from moves union all select * from refusals) m
    window one as (
        partition by m.tenant_id, m.limit_id, m.subject, m.window_on order by m.batch_no, m.ordinal, m.part
        rows between unbounded preceding and 1 preceding))
select format('gesture %s: %s were used of limit %s when it was admitted with %s under %s', h.gesture_id, h.before,
    h.limit_id, h.amount, h.maximum)
from history h
where h.used is null and h.before + h.amount > h.maximum
union all
select format('gesture %s: refused for %s used of limit %s, and %s were', h.gesture_id, h.used, h.limit_id, h.before)
from history h
where h.used <> h.before
union all
select format('gesture %s: refused, and %s would have fitted beside %s into limit %s', h.gesture_id, h.asked, h.used,
    h.limit_id)
from history h
where h.used + h.asked <= h.maximum and not h.is_full
