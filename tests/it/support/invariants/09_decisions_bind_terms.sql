-- Every event of a gesture carries the digest of the terms that were in force then: what was asked, or the last revision; and
-- the amount, which a yes may change (a first of two says its own). The row has the terms in force, and names the event that
-- put them there.
with told as (
    select e.*,
        max(e.seq) filter (where e.seq = 1 or e.type = 'REVISED') over so_far terms_seq,
        max(e.seq) filter (where e.seq = 1 or e.type in ('REVISED', 'APPROVED')) over so_far amount_seq
    from largesse.events e
    where e.gesture_id is not null
    window so_far as (partition by e.tenant_id, e.gesture_id order by e.seq))
select format('gesture %s, event %s: other terms or another amount', e.gesture_id, e.seq)
from told e
join largesse.gestures g on g.tenant_id = e.tenant_id and g.gesture_id = e.gesture_id
join largesse.events t on t.tenant_id = e.tenant_id and t.gesture_id = e.gesture_id and t.seq = e.terms_seq
join largesse.events a on a.tenant_id = e.tenant_id and a.gesture_id = e.gesture_id and a.seq = e.amount_seq
where g.state <> 'TOMBSTONE'
    and (e.terms_digest = t.terms_digest
        and (e.amount_minor = a.amount_minor or e.type = 'FIRST_YES')
        and (e.seq < g.seq or (
            g.terms_digest = e.terms_digest and g.terms_seq = e.terms_seq and g.amount_minor = a.amount_minor
            and g.terms_digest = sha256(g.request_digest || g.personal_digest)))) is not true
