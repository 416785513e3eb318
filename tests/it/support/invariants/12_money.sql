-- Amounts are positive integers in an ISO currency; what a limit was charged is the amount (per gesture) or the hold, at a
-- rate that the deciding version has for that day, rounded up.
select format('gesture %s: %s %s', g.gesture_id, g.amount_minor, g.currency)
from largesse.gestures g
where g.state <> 'TOMBSTONE' and (g.amount_minor >= 1 and g.currency ~ '^[A-Z]{3}$') is not true
union all
select format('gesture %s: limit %s was charged %s %s for %s %s at %s', g.gesture_id, h.limit_id, h.amount, l.currency,
    g.hold_minor, g.currency, h.rate)
from largesse.gestures g
join largesse.configurations c on c.tenant_id = g.tenant_id and c.version = g.configuration_version
cross join lateral unnest(g.charged_limits, g.charged_minor, g.charged_rates) h (limit_id, amount, rate)
join largesse.limits l on l.tenant_id = g.tenant_id and l.limit_id = h.limit_id
cross join lateral (select case l.span when 'GESTURE' then g.amount_minor else g.hold_minor end) b (base)
where case
        when l.currency = g.currency then h.rate is null and h.amount = b.base
        else h.amount = ceil(b.base * h.rate) and exists (
            select from jsonb_array_elements(c.document -> 'rates' -> 'table') r
            where r ->> 'from' = g.currency and r ->> 'to' = l.currency and (r ->> 'rate')::numeric = h.rate
                and (g.decided_at at time zone (c.document ->> 'time_zone'))::date - (r ->> 'on')::date
                    between 0 and (c.document -> 'rates' ->> 'max_age_days')::int)
    end is not true
