-- Hashes and seals recompute: written out here once more, so that a mistake in the kernel's function is not repeated.
with told as (
    select e.*, sha256(convert_to('1' || (
            select string_agg(coalesce(octet_length(f.t) || ':' || f.t, '-'), '' order by f.ord)
            from unnest(array[
                e.tenant_id::text, e.gesture_id::text, e.seq::text, e.type, e.state, e.actor, e.authority, e.credential_id,
                e.via, e.session_role, e.session_address, (extract(epoch from e.at) * 1000000)::bigint::text,
                e.configuration_version::text, e.amount_minor::text, encode(e.terms_digest, 'hex'),
                encode(e.sealed_hash, 'hex'), e.facts::text]) with ordinality f (t, ord)), 'UTF8')) again
    from largesse.events e)
select format('event %s/%s: its hash is not its content''s', t.batch_id, t.ordinal) from told t where t.hash <> t.again
union all
select format('event %s/%s: what was sealed has another hash', e.batch_id, e.ordinal)
from largesse.events e
left join largesse.personal p on p.tenant_id = e.tenant_id and p.gesture_id = e.gesture_id and p.seq = e.seq
where sha256(p.sealed) is distinct from e.sealed_hash
union all
select format('batch %s: its seal does not follow from the one before', b.batch_no)
from (
    select b.*, lag(b.head, 1, sha256('')) over (partition by b.tenant_id order by b.batch_no) before
    from largesse.batches b) b
where b.head is distinct from sha256(b.before || (
    select string_agg(e.hash, ''::bytea order by e.ordinal)
    from largesse.events e where e.tenant_id = b.tenant_id and e.batch_id = b.batch_id))
union all
select format('tenant %s: the head is not the last seal', h.tenant_id)
from largesse.heads h
where h.head is distinct from coalesce(
    (select b.head from largesse.batches b where b.tenant_id = h.tenant_id and b.batch_no = h.batch_no), sha256(''))
