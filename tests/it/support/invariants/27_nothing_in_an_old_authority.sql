-- In the order of the trail, whatever happened to a gesture was decided under the version in force; nobody who was suspended
-- was given anything, gave anything, or answered; and nothing was approved of what was paused. So what is acknowledged is in
-- force: no decision follows it that did not know of it.
with placed as materialized (
    select e.*, b.batch_no
    from largesse.events e
    join largesse.batches b on b.tenant_id = e.tenant_id and b.batch_id = e.batch_id),
-- few, and asked for by every event below: out of all that happened it would take minutes where thousands have
ruled as materialized (
    select p.*
    from placed p
    where p.type in ('CONFIGURATION_APPLIED', 'AGENTS_PUT', 'AGENT_SUSPENDED', 'AGENT_REINSTATED', 'GIVING_PAUSED',
        'GIVING_RESUMED')),
decided as materialized (
    select p.*, g.kind, g.requested_by, i ->> 'channel' channel,
        p.state = 'APPROVED' and p.type in ('APPROVED', 'REVISED') or p.type = 'COST_ACCEPTED' is_given
    from placed p
    join largesse.gestures g on g.tenant_id = p.tenant_id and g.gesture_id = p.gesture_id
    left join largesse.configurations c on c.tenant_id = g.tenant_id and c.version = p.configuration_version
    left join lateral jsonb_array_elements(c.document -> 'catalog') i
        on i ->> 'kind' = g.kind and i ->> 'currency' = g.currency
    -- a cancellation names the version of what it cancels
    where p.type not in ('CANCELLED', 'TOMBSTONE')),
concerned as (
    select d.*, w.agent
    from decided d
    cross join lateral (
        select d.requested_by agent where d.is_given or d.type = 'FIRST_YES'
        union select d.actor where d.is_given or d.authority is not null
        union select d.authority where d.authority is not null) w)
select format('gesture %s, event %s: decided under version %s while %s was in force', d.gesture_id, d.seq,
    d.configuration_version, v.version)
from decided d
cross join lateral (
    select max(p.configuration_version) version
    from ruled p
    where p.tenant_id = d.tenant_id and p.batch_no < d.batch_no
        and p.type in ('CONFIGURATION_APPLIED', 'AGENTS_PUT')) v
where d.configuration_version is distinct from v.version
union all
select format('gesture %s, event %s: %s, and %s was suspended', d.gesture_id, d.seq, d.type, d.agent)
from concerned d
where 'AGENT_SUSPENDED' = (
    select p.type
    from ruled p
    where p.tenant_id = d.tenant_id and p.batch_no < d.batch_no
        and p.type in ('AGENT_SUSPENDED', 'AGENT_REINSTATED') and p.facts ->> 'agent' = d.agent
    order by p.batch_no desc
    limit 1)
union all
select format('gesture %s, event %s: %s, and %s had left the roster', d.gesture_id, d.seq, d.type, d.agent)
from concerned d
where 'suspended' = (
    select case when c.agents_changed -> 'suspended' ? d.agent then 'suspended' else 'put' end
    from largesse.configurations c
    where c.tenant_id = d.tenant_id and c.version <= d.configuration_version
        and (c.agents_changed -> 'suspended' ? d.agent
            or c.agents_changed -> 'put' @> jsonb_build_array(jsonb_build_object('id', d.agent)))
    order by c.version desc
    limit 1)
union all
select format('gesture %s was approved while %s %s was paused', d.gesture_id, s.scope, s.name)
from decided d
cross join lateral (values ('TENANT', ''), ('KIND', d.kind), ('CHANNEL', d.channel)) s (scope, name)
where d.is_given and d.type <> 'COST_ACCEPTED' and 'GIVING_PAUSED' = (
    select p.type
    from ruled p
    where p.tenant_id = d.tenant_id and p.batch_no < d.batch_no
        and p.type in ('GIVING_PAUSED', 'GIVING_RESUMED')
        and p.facts ->> 'scope' = s.scope and coalesce(p.facts ->> 'name', '') = s.name
    order by p.batch_no desc
    limit 1)
