-- A hold is the amount and its tolerance, ends once, and what it captured is within it.
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
    where e.tenant_id = g.tenant_id and e.gesture_id = g.gesture_id and e.type = 'CANCELLED') e
where g.hold_minor is not null and (
        g.hold_minor = g.amount_minor + ceil(g.amount_minor * x.tolerance / 10000)
        and e.n = (g.settled_at is not null)::int
        and coalesce(g.settled_at = e.at and g.settled_at >= g.decided_at, e.n = 0)
        and coalesce(g.captured_minor between 0 and g.hold_minor, e.n = 0)
    ) is not true
