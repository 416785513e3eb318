-- event_hash: the hash of an event's canonical form. A version byte, then each field as its length in bytes, a colon and its
-- UTF-8 ('-' when unset), in this order; time as UTC microseconds since 1970, digests in hex, facts as the bytes that are
-- stored. Personal data enters as the hash of its ciphertext, so that an erasure leaves the trail whole.
-- Callers: append. `largesse verify` has the second, independent implementation. Pure; inlined.
create or replace function field(t text) returns text
language sql immutable parallel safe
return coalesce(octet_length(t)::text || ':' || t, '-');

create or replace function event_hash(
    tenant uuid, gesture uuid, seq int, type text, state text, actor text, authority text, credential text, via text,
    session_role text, session_address text, at_us bigint, version int, amount bigint, terms bytea, sealed_hash bytea,
    facts text) returns bytea
language sql stable parallel safe
return sha256(convert_to(
    '1'
    || field(tenant::text)
    || field(gesture::text)
    || field(seq::text)
    || field(type)
    || field(state)
    || field(actor)
    || field(authority)
    || field(credential)
    || field(via)
    || field(session_role)
    || field(session_address)
    || field(at_us::text)
    || field(version::text)
    || field(amount::text)
    || field(encode(terms, 'hex'))
    || field(encode(sealed_hash, 'hex'))
    || field(facts),
    'UTF8'));
