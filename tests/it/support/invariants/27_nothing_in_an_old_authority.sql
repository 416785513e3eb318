-- In the order of the trail, a decision was made under the version in force, and nothing was approved for whoever was
-- suspended, nor of what was paused. So what is acknowledged is in force: no decision follows it that did not know of it.
with placed as materialized (
    select e.*, b.batch_no
    from largesse.events e
    join largesse.batches b on b.tenant_id = e.tenant_id and b.batch_id = e.batch_id),
decided as (
    select p.*, g.kind, i ->> 'channel' channel
    from placed p
    join largesse.gestures g on g.tenant_id = p.tenant_id and g.gesture_id = p.gesture_id
    join largesse.configurations c on c.tenant_id = g.tenant_id and c.version = g.configuration_version
    left join lateral jsonb_array_elements(c.document -> 'catalog') i
        on i ->> 'kind' = g.kind and i ->> 'currency' = g.currency
    where p.seq = 1)
select format('gesture %s was decided under version %s while %s was in force', d.gesture_id, d.configuration_version,
    v.version)
from decided d
cross join lateral (
    select max(p.configuration_version) version
    from placed p
    where p.tenant_id = d.tenant_id and p.batch_no < d.batch_no
        and p.type in ('CONFIGURATION_APPLIED', 'AGENTS_PUT')) v
where d.configuration_version is distinct from v.version
union all
select format('gesture %s was approved for %s, who was suspended', d.gesture_id, d.actor)
from decided d
where d.type = 'APPROVED' and 'AGENT_SUSPENDED' = (
    select p.type
    from placed p
    where p.tenant_id = d.tenant_id and p.batch_no < d.batch_no
        and p.type in ('AGENT_SUSPENDED', 'AGENT_REINSTATED') and p.facts ->> 'agent' = d.actor
    order by p.batch_no desc
    limit 1)
union all
select format('gesture %s was approved while %s %s was paused', d.gesture_id, s.scope, s.name)
from decided d
cross join lateral (values ('TENANT', ''), ('KIND', d.kind), ('CHANNEL', d.channel)) s (scope, name)
where d.type = 'APPROVED' and 'GIVING_PAUSED' = (
    select p.type
    from placed p
    where p.tenant_id = d.tenant_id and p.batch_no < d.batch_no
        and p.type in ('GIVING_PAUSED', 'GIVING_RESUMED')
        and p.facts ->> 'scope' = s.scope and coalesce(p.facts ->> 'name', '') = s.name
    order by p.batch_no desc
    limit 1)
