-- A hold is the amount and its tolerance, ends once, and what it captured is within it: the whole cost, but for what is
-- above the hold, which is in question, was accepted as a gesture of its own, or was looked at.
select format('gesture %s: hold %s of amount %s (tolerance %s), captured %s, ended %s times', g.gesture_id, g.hold_minor,
    g.amount_minor, x.tolerance, g.captured_minor, e.n)
from largesse.gestures g
left join lateral (
    select (i ->> 'tolerance_bp')::numeric tolerance
    from largesse.configurations c
    cross join lateral jsonb_array_elements(c.document -> 'catalog') i
    where c.tenant_id = g.tenant_id and c.version = g.configuration_version
        and i ->> 'kind' = g.kind and i ->> 'currency' = g.currency) x on true
cross join lateral (
    select count(*) n, max(e.at) at
    from largesse.events e
    where e.tenant_id = g.tenant_id and e.gesture_id = g.gesture_id
        and e.type in ('CANCELLED', 'DELIVERED', 'FAILED', 'COST_ACCEPTED')) e
where g.hold_minor is not null and (
        g.hold_minor = g.amount_minor + ceil(g.amount_minor * x.tolerance / 10000)
        and e.n = (g.settled_at is not null)::int
        and coalesce(g.settled_at = e.at and g.settled_at >= g.decided_at, e.n = 0)
        and coalesce(g.captured_minor between 0 and g.hold_minor, e.n = 0)
    ) is not true
union all
select format('gesture %s cost %s, captured %s of %s; in question %s, answered by %s', g.gesture_id, g.actual_minor,
    g.captured_minor, g.hold_minor, f.rest_minor, f.answer_id)
from largesse.gestures g
left join largesse.follow_ups f on f.tenant_id = g.tenant_id and f.gesture_id = g.gesture_id and f.purpose = 'COST'
left join largesse.gestures a on a.tenant_id = f.tenant_id and a.gesture_id = f.answer_id
where g.captured_minor is not null and case
        when f.gesture_id is null then g.actual_minor = g.captured_minor
        else g.actual_minor = g.captured_minor + f.rest_minor and (f.answer_id is null or
            a.about = g.gesture_id and a.state = 'DELIVERED' and a.captured_minor = f.rest_minor)
    end is not true
union all
select format('gesture %s is about %s, which does not say so', a.gesture_id, a.about)
from largesse.gestures a
left join largesse.follow_ups f on f.tenant_id = a.tenant_id and f.gesture_id = a.about and f.answer_id = a.gesture_id
where a.about is not null and f.gesture_id is null
