-- lock_counters: locks every counter that a candidate of the batch would charge, in key order, and makes the
-- missing ones at zero, so that nobody can make them in between. What sweep then reads stays true until the commit.
-- An element that cannot be approved, whatever the counters say, locks none.
-- Callers: admit_once, after a failed charge was rolled back. Locks: counters by key. Cost: about a charge.
create or replace function lock_counters(p_tenant uuid, m matched[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    insert into counters as k (
        tenant_id, limit_id, subject, window_on, held_minor, used_count, ceiling_minor, ceiling_count)
    select distinct p_tenant, c.limit_id, c.subject collate "C", c.window_on, 0, 0, 0, 0
    from unnest(m) r
    cross join lateral unnest(r.limits, r.subjects, r.windows) c (limit_id, subject, window_on)
    where r.known is null
        and r.faults is null
        and r.problems is null
        and not r.is_misfit
        and c.window_on is not null
    order by 2, 3, 4
    on conflict (tenant_id, limit_id, subject, window_on) do update
    set held_minor = k.held_minor;
end $$;
