create or replace function canonical_field(t text) returns text
language sql immutable parallel safe
return coalesce(octet_length(t)::text || ':' || t, '-');
