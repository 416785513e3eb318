-- first_repeated: a text that is in the list twice, or null. Pure.
create or replace function first_repeated(p_texts text[]) returns text
language sql immutable
return (select x.t from unnest(p_texts) x (t) group by x.t having count(*) > 1 order by x.t limit 1);
