-- charge: moves every counter that the approved elements name, in ONE statement, in key order, guarded.
-- True: all had room. False: some moved and some did not; the caller must go back to a savepoint.
-- p_is_swept: the counters are locked and every element was settled under its own maximum; the guard is then the
-- highest of them (the lowest would refuse a lead's gesture because an agent's is in the same batch). Unswept, the
-- lowest is the safe one.
-- The order is stated in collate "C", like the key: two functions that sorted by two collations would deadlock.
-- Callers: admit_once. Locks: counters by (limit_id, subject, window_on): the most shared last, for the update and
-- the commit.
-- Cost: 8 µs per element and limit, less where they share counters. SQLSTATE: none of its own; 23514 is a defect.
create or replace function charge(p_tenant uuid, m matched[], p_out text[], p_is_swept boolean) returns boolean
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_asked int;
    v_moved int;
begin
    if ('APPROVED' = any (p_out)) is not true then
        return true;
    end if;
    with demand as materialized (
        select
            c.limit_id, c.subject collate "C" subject, c.window_on, sum(c.amount) amount, count(*) n,
            case when p_is_swept then max(c.maximum) else min(c.maximum) end maximum,
            case when p_is_swept then max(c.max_count) else min(c.max_count) end max_count
        from rows from (unnest(m), unnest(p_out)) r
        cross join lateral unnest(r.limits, r.subjects, r.windows, r.amounts, r.maxima, r.max_counts)
            c (limit_id, subject, window_on, amount, maximum, max_count)
        where r.unnest = 'APPROVED' and c.window_on is not null
        group by 1, 2, 3),
    moved as (
        insert into counters as k (
            tenant_id, limit_id, subject, window_on, held_minor, used_count, ceiling_minor, ceiling_count)
        select p_tenant, d.limit_id, d.subject, d.window_on, d.amount::bigint, d.n::int, d.maximum, d.max_count
        from demand d
        where d.amount <= d.maximum and d.n <= d.max_count
        order by d.limit_id, d.subject collate "C", d.window_on
        on conflict (tenant_id, limit_id, subject, window_on) do update
        set held_minor = k.held_minor + excluded.held_minor,
            used_count = k.used_count + excluded.used_count,
            ceiling_minor = excluded.ceiling_minor,
            ceiling_count = excluded.ceiling_count
        where k.held_minor + k.captured_minor + excluded.held_minor <= excluded.ceiling_minor
            and k.used_count + excluded.used_count <= excluded.ceiling_count
        returning 1)
    select (select count(*) from demand), (select count(*) from moved) into v_asked, v_moved;
    return v_asked = v_moved;
end $$;
