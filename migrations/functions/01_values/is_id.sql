-- is_id: what callers may choose as an id or a name: 1 to 128 visible ASCII characters. Null for null. Pure; inlined.
create or replace function is_id(t text) returns boolean
language sql immutable parallel safe
return octet_length(t) between 1 and 128 and t collate "C" !~ '[^!-~]';
