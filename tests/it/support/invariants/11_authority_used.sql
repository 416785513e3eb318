-- An approval names who decided, in whose authority and under which version, and the event of the yes says the same; a refusal
-- names its reasons, and a limit's reason says what was asked, used and left. Nobody decides on their own request but within
-- their own authority.
select format('gesture %s: decided by %s in the authority of %s at %s, version %s', g.gesture_id, g.decided_by, g.authority,
    g.decided_at, g.configuration_version)
from largesse.gestures g
left join largesse.configurations c on c.tenant_id = g.tenant_id and c.version = g.configuration_version
where g.state <> 'TOMBSTONE' and (
    c.version is null
    or (g.charged_limits is not null and (
        g.decided_by is null or g.authority is null or g.decided_at is null or g.charged_maxima is null)))
union all
select format('gesture %s, event %s says %s by %s in the authority of %s, version %s; the hold says %s, %s, %s', e.gesture_id,
    e.seq, e.type, e.actor, e.authority, e.configuration_version, g.decided_by, g.authority, g.configuration_version)
from largesse.gestures g
join largesse.events e on e.tenant_id = g.tenant_id and e.gesture_id = g.gesture_id
where g.state <> 'TOMBSTONE'
    and e.seq = (
        select max(y.seq) from largesse.events y
        where y.tenant_id = g.tenant_id and y.gesture_id = g.gesture_id
            and (y.seq = 1 or y.type in ('APPROVED', 'REVISED')))
    and (e.configuration_version is distinct from g.configuration_version
        or g.charged_limits is not null and (
            e.state <> 'APPROVED' or (e.actor, e.authority) is distinct from (g.decided_by, g.authority)))
union all
select format('gesture %s: its event %s says %s, version %s, by %s in the authority of %s, with %s', e.gesture_id, e.seq,
    e.type, e.configuration_version, e.actor, e.authority, e.facts)
from largesse.events e
join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
where (e.seq = 1 or e.type = 'REVISED') and e.type <> 'TOMBSTONE' and (
    e.configuration_version is null
    or e.actor <> g.requested_by
    or case when e.state = 'APPROVED'
            then e.authority is distinct from g.requested_by or coalesce(e.facts::text, '{"break_glass": true}')
                <> '{"break_glass": true}'
        else e.authority is not null or coalesce(json_array_length(e.facts -> 'reasons'), 0) = 0 end)
union all
select format('gesture %s, event %s: %s answers a request of %s in the authority of %s', e.gesture_id, e.seq, e.actor,
    g.requested_by, e.authority)
from largesse.events e
join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
join largesse.agents q on q.tenant_id = g.tenant_id and q.agent_id = g.requested_by
join largesse.agents o on o.tenant_id = g.tenant_id and o.person_id = q.person_id and o.agent_id in (e.actor, e.authority)
where e.seq > 1 and e.type in ('APPROVED', 'FIRST_YES', 'DECLINED', 'RETURNED', 'REASSIGNED', 'REVIEWED')
union all
select format('gesture %s: %s', e.gesture_id, r)
from largesse.events e
cross join lateral json_array_elements(e.facts -> 'reasons') r
where r ->> 'code' = 'LIMIT_EXCEEDED'
    and not (r::jsonb ?& '{limit,subject,span,currency,asked,used,used_count,ceiling,left,largest_now,is_hard}')
