-- typical_wait: the median of some waits, in seconds; null where fewer than three say too little. Pure. In PL/pgSQL, which
-- keeps its plan: as SQL it was planned at every call. Callers: candidates_of.
create or replace function typical_wait(p_waits_s int[]) returns int
language plpgsql immutable parallel safe
as $$
begin
    if coalesce(cardinality(p_waits_s), 0) < 3 then
        return null;
    end if;
    return (select percentile_disc(0.5) within group (order by w.s) from unnest(p_waits_s) w (s));
end $$;
