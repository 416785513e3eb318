-- What was promised with a gesture that was approved stands as the trail says last, is watched by a timer exactly while
-- something can still become of it, and was kept exactly where it came in time. A broken one is asked about, and so is
-- exactly every cost above a hold. No report was followed under a lease that was never given, nor two under one token but
-- for a correction and what follows a dispatch.
with told as (
    select e.tenant_id, e.gesture_id, max(substr(e.type, 9)) filter (where e.seq = l.seq) promise,
        bool_or(e.type = 'PROMISE_BROKEN') is_broken
    from largesse.events e
    cross join lateral (
        select max(x.seq) seq from largesse.events x
        where x.tenant_id = e.tenant_id and x.gesture_id = e.gesture_id and x.type like 'PROMISE%') l
    where e.type like 'PROMISE%'
    group by 1, 2)
select format('gesture %s is %s and promises %s by %s; the trail says %s, delivered %s', g.gesture_id, g.state, g.promise,
    g.promise_by, t.promise, k.delivered_at)
from largesse.gestures g
left join told t on t.tenant_id = g.tenant_id and t.gesture_id = g.gesture_id
left join largesse.tasks k on k.tenant_id = g.tenant_id and k.gesture_id = g.gesture_id
where case
        when g.promise_by is null or g.state not in ('APPROVED', 'DISPATCHED', 'DELIVERED', 'FAILED') then g.promise is null
        when g.promise is distinct from coalesce(t.promise, 'PENDING') then false
        when g.state = 'DELIVERED' then (g.promise = 'KEPT') = (k.delivered_at <= g.promise_by)
            and g.promise in ('KEPT', 'LATE', 'BROKEN')
        when g.state = 'FAILED' then g.promise = 'BROKEN'
        else g.promise in ('PENDING', 'AT_RISK', 'LATE', 'BROKEN')
    end is not true
union all
select format('gesture %s is %s and promises %s, and its timer is due at %s', g.gesture_id, g.state, g.promise, t.due_at)
from largesse.gestures g
left join largesse.timers t on t.tenant_id = g.tenant_id and t.gesture_id = g.gesture_id and t.purpose = 'PROMISE'
where (t.due_at is not null) <> coalesce(
    g.state in ('APPROVED', 'DISPATCHED') and g.promise in ('PENDING', 'AT_RISK', 'LATE'), false)
    or t.due_at > g.promise_by and g.promise <> 'LATE'
union all
select format('gesture %s: asked about %s, broken %s, cost %s of %s', g.gesture_id, f.purpose, t.is_broken, g.actual_minor,
    g.hold_minor)
from largesse.gestures g
cross join (values ('PROMISE'), ('COST')) p (purpose)
left join largesse.follow_ups f on f.tenant_id = g.tenant_id and f.gesture_id = g.gesture_id and f.purpose = p.purpose
left join told t on t.tenant_id = g.tenant_id and t.gesture_id = g.gesture_id
where case p.purpose
        when 'PROMISE' then (f.gesture_id is not null) <> coalesce(t.is_broken, false)
        else g.actual_minor > g.captured_minor and f.gesture_id is null
            or f.closed_at is null and f.rest_minor <> g.actual_minor - g.captured_minor
    end
union all
select format('gesture %s: %s under token %s, and the last lease is %s', e.gesture_id, e.type, e.facts -> 'said' ->> 'token',
    k.lease_no)
from largesse.events e
left join largesse.tasks k on k.tenant_id = e.tenant_id and k.gesture_id = e.gesture_id
where e.facts -> 'said' ->> 'token' is not null and (e.facts -> 'said' ->> 'token')::int > coalesce(k.lease_no, 0)
union all
select format('gesture %s: %s times %s under token %s', e.gesture_id, count(*), e.type, e.facts -> 'said' ->> 'token')
from largesse.events e
where e.type in ('DISPATCHED', 'DELIVERED', 'TRY_FAILED', 'FAILED')
group by e.tenant_id, e.gesture_id, e.type, e.facts -> 'said' ->> 'token'
having count(*) > 1
