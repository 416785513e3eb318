-- An approval names who decided, in whose authority and under which version; a refusal names its reasons, and a limit's
-- reason says what was asked, used and left.
select format('gesture %s: decided by %s in the authority of %s at %s, version %s', g.gesture_id, g.decided_by, g.authority,
    g.decided_at, g.configuration_version)
from largesse.gestures g
left join largesse.configurations c on c.tenant_id = g.tenant_id and c.version = g.configuration_version
where g.state <> 'TOMBSTONE' and (
    c.version is null
    or (g.charged_limits is not null and (
        g.decided_by is null or g.authority is null or g.decided_at is null or g.charged_maxima is null)))
union all
select format('gesture %s: its first event says %s, version %s, with %s', e.gesture_id, e.type, e.configuration_version,
    e.facts)
from largesse.events e
join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
where e.seq = 1 and e.type <> 'TOMBSTONE' and (
    e.configuration_version is distinct from g.configuration_version
    or e.actor <> g.requested_by
    or case when e.type = 'APPROVED' then e.authority is distinct from g.authority or e.facts is not null
        else e.authority is not null or coalesce(json_array_length(e.facts -> 'reasons'), 0) = 0 end)
union all
select format('gesture %s: %s', e.gesture_id, r)
from largesse.events e
cross join lateral json_array_elements(e.facts -> 'reasons') r
where e.seq = 1
    and r ->> 'code' = 'LIMIT_EXCEEDED'
    and not (r::jsonb ?& '{limit,subject,span,currency,asked,used,used_count,ceiling,left,largest_now,is_hard}')
