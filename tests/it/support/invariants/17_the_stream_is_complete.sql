-- Batch numbers are gapless up to the tenant's head, and ordinals within a batch.
select format('tenant %s: head %s, %s batches from %s to %s', h.tenant_id, h.batch_no, b.n, b.first, b.last)
from largesse.heads h
cross join lateral (
    select count(*) n, min(b.batch_no) first, max(b.batch_no) last
    from largesse.batches b where b.tenant_id = h.tenant_id) b
where (b.n, coalesce(b.first, 1), coalesce(b.last, 0)) is distinct from (h.batch_no, 1::bigint, h.batch_no)
union all
select format('tenant %s has no head', t.tenant_id)
from largesse.tenants t
where not exists (select from largesse.heads h where h.tenant_id = t.tenant_id)
union all
select format('batch %s: %s events from %s to %s', b.batch_no, e.n, e.first, e.last)
from largesse.batches b
cross join lateral (
    select count(*) n, min(e.ordinal) first, max(e.ordinal) last
    from largesse.events e where e.tenant_id = b.tenant_id and e.batch_id = b.batch_id) e
where (e.n, e.first, e.last) is distinct from (e.last::bigint, 1, e.last)
