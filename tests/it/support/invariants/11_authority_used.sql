-- A decision names who decided, in whose authority and under which version, in the row as in the trail, and what it charged
-- is counted for that authority. Whoever answers alone does so as themselves; a refusal names its reasons, and a limit's
-- reason says what was asked, used and left; a person who says no, returns or reviews says why, sealed; what happens by
-- itself is the service's own act; and a fulfiller's report is in nobody's authority and names its lease.
with decided as (
    select distinct on (e.tenant_id, e.gesture_id) e.*
    from largesse.events e
    where e.gesture_id is not null and (e.seq = 1 or e.type in ('REVISED', 'APPROVED'))
    order by e.tenant_id, e.gesture_id, e.seq desc)
select format('gesture %s: decided by %s in the authority of %s at %s, version %s; the trail says %s, %s, %s, %s',
    g.gesture_id, g.decided_by, g.authority, g.decided_at, g.configuration_version, d.actor, d.authority, d.at,
    d.configuration_version)
from largesse.gestures g
left join largesse.configurations c on c.tenant_id = g.tenant_id and c.version = g.configuration_version
left join decided d on d.tenant_id = g.tenant_id and d.gesture_id = g.gesture_id
where g.state <> 'TOMBSTONE' and (
    c.version is null
    or g.configuration_version is distinct from d.configuration_version
    or (g.charged_limits is not null and (
        g.charged_maxima is null
        or (g.decided_by = d.actor and g.authority = d.authority and g.decided_at = d.at) is not true)))
union all
select format('gesture %s: limit %s was counted for "%s", decided by %s', g.gesture_id, l.name, h.subject, g.authority)
from largesse.gestures g
cross join lateral unnest(g.charged_limits, g.charged_subjects) h (limit_id, subject)
join largesse.limits l on l.tenant_id = g.tenant_id and l.limit_id = h.limit_id
where h.subject is distinct from case l.subject
        when 'AGENT' then g.authority
        when 'AGENT_AND_CUSTOMER' then g.authority || ' ' || g.customer_id
        when 'CUSTOMER' then g.customer_id
        when 'CASE' then g.case_id
        else ''
    end
union all
select format('gesture %s, event %s: %s by %s in the authority of %s, with %s', e.gesture_id, e.seq, e.type, e.actor,
    e.authority, e.facts)
from largesse.events e
join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
cross join lateral (
    select e.seq = 1 or e.type = 'REVISED' is_request,
        coalesce(json_array_length(e.facts -> 'reasons'), 0) > 0 has_reasons) x
where e.type <> 'TOMBSTONE' and (case
        when e.type = 'COST_ACCEPTED' then e.actor = g.requested_by and e.authority = e.actor
            and (e.facts ->> 'about')::uuid = g.about
        when x.is_request and e.state = 'APPROVED' then e.actor = g.requested_by and e.authority = e.actor
            and coalesce(e.facts::jsonb, '{"break_glass": true}') = '{"break_glass": true}'
        when x.is_request then e.actor = g.requested_by and e.authority is null and x.has_reasons
        when e.type in ('DISPATCHED', 'DELIVERED', 'COST_CORRECTED', 'TRY_FAILED', 'FAILED') then e.authority is null
            and (e.facts -> 'said' ->> 'token')::int >= 1
        when e.type in ('REST_ACCEPTED', 'FOLLOW_UP_CLOSED', 'OUTCOME_RECORDED') then e.authority is null
        when e.type in ('ASKED', 'EXPIRED') or e.type like 'PROMISE%' then e.actor = 'largesse'
            and e.authority is null and e.credential_id is null
        when e.type = 'DECLINED' and e.authority is null then e.actor = 'largesse'
            and (e.facts::jsonb -> 'reasons') @> '[{"code": "NOBODY_CAN_APPROVE"}]'
        when e.type in ('DECLINED', 'RETURNED') then e.authority is not null and e.sealed_hash is not null
        when e.type = 'REVIEWED' then e.authority is not null and (e.facts ->> 'verdict' = 'JUSTIFIED'
            or e.facts ->> 'verdict' = 'NOT_JUSTIFIED' and e.sealed_hash is not null)
        when e.type = 'REASSIGNED' then e.authority = e.facts ->> 'from' and e.facts ->> 'to' <> e.authority
        when e.type in ('APPROVED', 'FIRST_YES') then e.authority is not null and not x.has_reasons
        when e.type = 'CANCELLED' then e.authority is null
    end) is not true
union all
select format('gesture %s, event %s: %s', e.gesture_id, e.seq, r)
from largesse.events e
cross join lateral json_array_elements(e.facts -> 'reasons') r
where e.gesture_id is not null
    and r ->> 'code' = 'LIMIT_EXCEEDED'
    and not (r::jsonb ?& '{limit,subject,span,currency,asked,used,used_count,ceiling,left,largest_now,is_hard}')
