-- canonical_field: one field of an event's canonical form: its length in bytes, a colon, its UTF-8; '-' when unset.
-- With the lengths, no two events have one form. Pure; inlined. Callers: event_hash.
create or replace function canonical_field(t text) returns text
language sql immutable parallel safe
return coalesce(octet_length(t)::text || ':' || t, '-');
