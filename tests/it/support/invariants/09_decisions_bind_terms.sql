-- Every event of a gesture carries the digest of what was asked, and its amount.
select format('gesture %s, event %s: other terms or another amount', g.gesture_id, e.seq)
from largesse.gestures g
join largesse.events e on e.tenant_id = g.tenant_id and e.gesture_id = g.gesture_id
where g.state <> 'TOMBSTONE'
    and (e.terms_digest = g.terms_digest
        and g.terms_digest = sha256(g.request_digest || g.personal_digest)
        and e.amount_minor = g.amount_minor) is not true
