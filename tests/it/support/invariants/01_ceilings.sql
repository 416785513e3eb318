-- No counter stands above the maximum under which its last increase was admitted, and no hold was admitted under a maximum
-- above what the version of the configuration that decided it allows.
with holds as materialized (
    select g.tenant_id, g.gesture_id, g.configuration_version, h.*
    from largesse.gestures g
    cross join lateral unnest(g.charged_limits, g.charged_subjects, g.charged_windows, g.charged_minor, g.charged_maxima)
        h (limit_id, subject, window_on, amount, maximum)),
allowed as materialized (
    select c.tenant_id, c.version, x ->> 'name' name, x ->> 'subject' subject, x ->> 'window' span,
        x ->> 'currency' currency, coalesce((x ->> 'hard_minor')::numeric, 1e18) hard
    from largesse.configurations c
    cross join lateral jsonb_array_elements(c.document -> 'limits') x
    union all
    select c.tenant_id, c.version, x ->> 'name', 'BUDGET', x ->> 'window', x ->> 'currency',
        (x ->> 'amount_minor')::numeric
    from largesse.configurations c
    cross join lateral jsonb_array_elements(c.document -> 'budgets') x)
select format('counter %s "%s" %s: %s held + %s captured of %s, %s pieces of %s', k.limit_id, k.subject, k.window_on,
    k.held_minor, k.captured_minor, k.ceiling_minor, k.used_count, k.ceiling_count)
from largesse.counters k
where k.held_minor < 0 or k.captured_minor < 0 or k.used_count < 0
    or k.held_minor + k.captured_minor > k.ceiling_minor or k.used_count > k.ceiling_count
union all
select format('counter %s "%s" %s: no hold was admitted under its ceiling %s', k.limit_id, k.subject, k.window_on,
    k.ceiling_minor)
from largesse.counters k
where k.ceiling_minor <> 0
    and (k.tenant_id, k.limit_id, k.subject, k.window_on, k.ceiling_minor) not in (
        select h.tenant_id, h.limit_id, h.subject, h.window_on, h.maximum from holds h where h.window_on is not null)
union all
select format('gesture %s: limit %s was charged %s under a maximum of %s, and version %s allows %s', h.gesture_id,
    h.limit_id, h.amount, h.maximum, h.configuration_version, a.hard)
from holds h
join largesse.limits l on l.tenant_id = h.tenant_id and l.limit_id = h.limit_id
left join allowed a on a.tenant_id = h.tenant_id and a.version = h.configuration_version and a.name = l.name
    and a.subject = l.subject and a.span = l.span and a.currency = l.currency
where (h.amount <= h.maximum and h.maximum <= a.hard) is not true
