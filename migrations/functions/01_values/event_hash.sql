-- event_hash: the hash of an event's canonical form. A version byte, then each field as its length in bytes, a
-- colon and its UTF-8 ('-' when unset), in this order; time as UTC microseconds since 1970, digests in hex, facts
-- as the bytes that are stored. Personal data enters as the hash of its ciphertext, so that an erasure leaves the
-- trail whole.
-- Callers: append. `largesse verify` has the second, independent implementation. Pure; inlined.
create or replace function event_hash(
    tenant uuid, gesture uuid, seq int, type text, state text, actor text, authority text, credential text, via text,
    session_role text, session_address text, at_us bigint, version int, amount bigint, terms bytea, sealed_hash bytea,
    facts text) returns bytea
language sql stable parallel safe
return sha256(convert_to(
    '1'
    || canonical_field(tenant::text)
    || canonical_field(gesture::text)
    || canonical_field(seq::text)
    || canonical_field(type)
    || canonical_field(state)
    || canonical_field(actor)
    || canonical_field(authority)
    || canonical_field(credential)
    || canonical_field(via)
    || canonical_field(session_role)
    || canonical_field(session_address)
    || canonical_field(at_us::text)
    || canonical_field(version::text)
    || canonical_field(amount::text)
    || canonical_field(encode(terms, 'hex'))
    || canonical_field(encode(sealed_hash, 'hex'))
    || canonical_field(facts),
    'UTF8'));
