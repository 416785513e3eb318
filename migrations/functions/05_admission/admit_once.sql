-- admit_once: one attempt at a batch: match -> claim -> write + charge, or back to the savepoint, lock, sweep,
-- retract, write and charge -> close_batch. Optimistic: whoever can fit, fits, and no counter is locked to find out.
-- Who will have no room, as it seems, is written as refused at once; whether it is so is said under the lock, like every no
-- that a counter causes, so that the trail explains it.
-- Promises: what admit promises, or raises and leaves nothing.
-- Callers: admit, which holds the configuration and catches LG002 and 40001.
-- Locks, in this order: the new gestures' keys by id -> counters by key -> the tenant's row in heads.
-- SQLSTATE: LG002 an id is known already; 40001 midnight passed, or who seemed to have no room has it; LG500 a defect.
create or replace function admit_once(p_tenant uuid, p_looks_up boolean, p_asked asked[])
returns table (
    ord int, outcome text, reasons jsonb, replayed boolean, decided_at timestamptz, configuration_version int,
    budget_id text, terms_digest bytea, time_zone text, channel text)
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_at timestamptz := largesse.now();
    v_batch uuid := new_batch_id(v_at);
    m matched[];
    v_out text[];                       -- by element: the state to be written; null: nothing is
    v_why jsonb[];                      -- by element: the reasons of a no
    v_is_plain boolean;                 -- only a counter could say no to any of it
    v_claimed text[];                   -- by element: the state that its row was written with
    v_is_short boolean := false;        -- some counter seems to have no room
    v_hashes bytea;
begin
    m := match(p_tenant, v_at, p_looks_up, p_asked);
    v_is_plain := (
        select bool_and(x.known is null and x.faults is null and x.problems is null and x.is_misfit is not true)
        from unnest(m) x);
    if v_is_plain then
        v_out := array_fill('APPROVED'::text, array[cardinality(m)]);
    else
        -- a known id is answered as such even where the request would be invalid by now
        if not p_looks_up and exists (select from unnest(m) x where x.faults is not null) then
            m := match(p_tenant, v_at, true, p_asked);
        end if;
        v_out := array(
            select case when x.known is null and x.faults is null then 'APPROVED' end from unnest(m) x order by x.ord);

        -- what no counter can mend is refused without asking the counters for a lock
        if exists (select from unnest(m) x where v_out[x.ord] is not null and (x.problems is not null or x.is_misfit)) then
            select
                array_agg(case when n.o then s.p_out[x.ord] else v_out[x.ord] end order by x.ord),
                array_agg(case when n.o then s.p_why[x.ord] end order by x.ord)
            into v_out, v_why
            from sweep(p_tenant, m) s
            cross join lateral unnest(m) x
            cross join lateral (select x.problems is not null or x.is_misfit) n (o);
        end if;
    end if;

    v_claimed := v_out;
    if is_exhausted(p_tenant, m, v_out) then
        v_is_short := true;
        v_claimed := array(
            select case when x.is_spent then 'DECLINED' else x.state end
            from unnest(spent(p_tenant, m, v_out), v_out) with ordinality x (is_spent, state, ord)
            order by x.ord);
    end if;
    perform claim(p_tenant, v_at, m, v_claimed);
    begin
        if v_is_short then
            raise 'some counter is short' using errcode = 'LG001';
        end if;
        v_hashes := write_outcomes(p_tenant, v_batch, v_at, m, v_out, v_why);
        if not charge(p_tenant, m, v_out, false) then
            raise 'some counter is short' using errcode = 'LG001';
        end if;
    exception when sqlstate 'LG001' then
        perform lock_counters(p_tenant, m);
        select s.p_out, s.p_why into v_out, v_why from sweep(p_tenant, m) s;
        if exists (
            select from unnest(v_out, v_claimed) x (now, claimed) where x.now = 'APPROVED' and x.claimed <> 'APPROVED') then
            raise 'somebody gave back what had no room' using errcode = '40001';
        end if;
        perform retract(p_tenant, v_at, m, v_out);
        v_hashes := write_outcomes(p_tenant, v_batch, v_at, m, v_out, v_why);
        if not charge(p_tenant, m, v_out, true) then
            raise 'the sweep admitted what the counters refuse' using errcode = 'LG500';
        end if;
    end;
    perform close_batch(p_tenant, v_batch, v_at, v_hashes);
    return query select a.* from answers_of(p_tenant, v_at, m, v_out, v_why) a;
end $$;
