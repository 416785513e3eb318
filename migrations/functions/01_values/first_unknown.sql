-- first_unknown: a text of the list that is not among the known ones, or null. Pure.
create or replace function first_unknown(p_texts text[], p_known text[]) returns text
language sql immutable
return (select x.t from unnest(p_texts) x (t) where x.t <> all (coalesce(p_known, '{}')) order by x.t limit 1);
