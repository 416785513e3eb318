-- Every key and every foreign key carries the tenant, and no row speaks of another tenant's.
select format('%s of %s does not begin with tenant_id', c.conname, c.conrelid::regclass)
from pg_constraint c
join pg_class t on t.oid = c.conrelid
where t.relnamespace = 'largesse'::regnamespace
    and c.contype in ('p', 'u', 'f')
    and t.relname not in ('tenant_names', '_sqlx_migrations')
    and (select a.attname from pg_attribute a where a.attrelid = c.conrelid and a.attnum = c.conkey[1]) <> 'tenant_id'
union all
select format('index %s is unique without the tenant', i.indexrelid::regclass)
from pg_index i
join pg_class t on t.oid = i.indrelid
where t.relnamespace = 'largesse'::regnamespace
    and i.indisunique
    and t.relname not in ('tenant_names', '_sqlx_migrations')
    and (select a.attname from pg_attribute a where a.attrelid = i.indrelid and a.attnum = i.indkey[0])
        is distinct from 'tenant_id'
union all
select format('%s of tenant %s has no gesture there', x.what, x.tenant_id)
from (
    select 'a task' what, t.tenant_id, t.gesture_id from largesse.tasks t
    union all select 'a question', a.tenant_id, a.gesture_id from largesse.approvals a
    union all select 'an ask', a.tenant_id, a.gesture_id from largesse.asks a
    union all select 'a timer', t.tenant_id, t.gesture_id from largesse.timers t
    union all select 'a sealed row', p.tenant_id, p.gesture_id from largesse.personal p
    union all select 'a replacement', g.tenant_id, g.replaces from largesse.gestures g where g.replaces is not null) x
where not exists (
    select from largesse.gestures g where g.tenant_id = x.tenant_id and g.gesture_id = x.gesture_id)
union all
select format('gesture %s: limit %s is not of its tenant', g.gesture_id, h.limit_id)
from largesse.gestures g
cross join lateral unnest(g.charged_limits) h (limit_id)
where not exists (select from largesse.limits l where l.tenant_id = g.tenant_id and l.limit_id = h.limit_id)
union all
select format('%s of tenant %s has no agent %s there', x.what, x.tenant_id, x.agent_id)
from (
    select 'an ask' what, a.tenant_id, a.agent_id from largesse.asks a
    union all select 'a delegation', d.tenant_id, d.delegator_id from largesse.delegations d
    union all select 'a delegation', d.tenant_id, d.delegate_id from largesse.delegations d
    union all select 'an absence', b.tenant_id, b.agent_id from largesse.absences b
    union all select 'a wait', w.tenant_id, w.agent_id from largesse.approver_waits w) x
where not exists (
    select from largesse.agents a where a.tenant_id = x.tenant_id and a.agent_id = x.agent_id)
