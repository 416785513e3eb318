-- typical_wait: the median of some waits, in seconds; null where fewer than three say too little. Pure.
-- Callers: candidates_of.
create or replace function typical_wait(p_waits_s int[]) returns int
language sql immutable parallel safe
return case when cardinality(p_waits_s) >= 3 then (
    select percentile_disc(0.5) within group (order by w.s) from unnest(p_waits_s) w (s)) end;
