-- Every event of a gesture carries the digest of what was asked by then, and the amount: as asked, or as last approved; a
-- first yes names its own. The row has the digest and the amount of its last terms, or of its approval, and the digests by
-- which a retry of the first request is known; and an approval says what had been asked, where that was another amount.
with told as (
    select e.*,
        max(e.seq) filter (where e.seq = 1 or e.type = 'REVISED') over so_far terms_at,
        max(e.seq) filter (where e.seq = 1 or e.type in ('REVISED', 'APPROVED')) over so_far amount_at
    from largesse.events e
    where e.gesture_id is not null
    window so_far as (partition by e.tenant_id, e.gesture_id order by e.seq)),
-- once for all gestures: asked for each of them it would take minutes where there are thousands
ended as (
    select distinct on (t.tenant_id, t.gesture_id) t.*
    from told t
    order by t.tenant_id, t.gesture_id, t.seq desc)
select format('gesture %s, event %s: other terms or another amount', t.gesture_id, t.seq)
from told t
join told terms on terms.tenant_id = t.tenant_id and terms.gesture_id = t.gesture_id and terms.seq = t.terms_at
join told amount on amount.tenant_id = t.tenant_id and amount.gesture_id = t.gesture_id and amount.seq = t.amount_at
where t.state <> 'TOMBSTONE'
    and (t.terms_digest = terms.terms_digest
        and (t.type = 'FIRST_YES' or t.amount_minor = amount.amount_minor)
        and (t.type <> 'APPROVED' or t.seq = 1
            or coalesce((t.facts ->> 'asked_minor')::bigint, t.amount_minor) = terms.amount_minor)) is not true
union all
select format('gesture %s: its row has other terms than its trail, or another amount', g.gesture_id)
from largesse.gestures g
left join ended last on last.tenant_id = g.tenant_id and last.gesture_id = g.gesture_id
left join told first on first.tenant_id = g.tenant_id and first.gesture_id = g.gesture_id and first.seq = 1
left join told terms on terms.tenant_id = g.tenant_id and terms.gesture_id = g.gesture_id and terms.seq = last.terms_at
left join told amount on amount.tenant_id = g.tenant_id and amount.gesture_id = g.gesture_id and amount.seq = last.amount_at
where g.state <> 'TOMBSTONE'
    and (g.terms_digest = terms.terms_digest
        and first.terms_digest = sha256(g.request_digest || g.personal_digest)
        and g.amount_minor = amount.amount_minor) is not true
