-- end_holds: the holds of these gestures end, or what they had captured is corrected downwards: their counters give back
-- what was held, count what was captured, and give back the piece unless it was delivered.
-- p_before: what a gesture had captured before; null: its hold was open until now.
-- Promises: moves exactly what was taken, from the gesture's own arrays, at its own rates, in the windows from which it
-- came, however long ago. What is captured is within what was held, so nothing grows and no ceiling is in the way. A
-- gesture that was only waiting held nothing. A loop that meets each counter by its whole key: a join was planned, on a
-- table that looked empty, over all of the tenant's counters; and an insert that always conflicts cannot say that
-- something is taken back.
-- Callers: settle, report, accept_cost, with the gestures locked and their rows written. Locks: counters by key. Cost:
-- some 10 µs per counter. SQLSTATE: LG500 a counter that was charged is gone.
create or replace function end_holds(p_tenant uuid, p_id uuid[], p_before bigint[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    k record;
begin
    for k in
        select
            h.limit_id, h.subject collate "C" subject, h.window_on,
            coalesce(sum(h.amount) filter (where x.before is null), 0)::bigint held,
            sum(captured_of(g.captured_minor, h.amount, h.rate)
                - coalesce(captured_of(x.before, h.amount, h.rate), 0))::bigint captured,
            count(*) filter (where x.before is null and g.state <> 'DELIVERED')::int pieces
        from unnest(p_id, p_before) x (id, before)
        cross join lateral (
            select y.* from gestures y where y.tenant_id = p_tenant and y.gesture_id = x.id limit 1) g
        cross join lateral unnest(
            g.charged_limits, g.charged_subjects, g.charged_windows, g.charged_minor, g.charged_rates)
            h (limit_id, subject, window_on, amount, rate)
        where h.window_on is not null
        group by 1, 2, 3
        order by 1, 2, 3
    loop
        update counters c
        set held_minor = c.held_minor - k.held,
            captured_minor = c.captured_minor + k.captured,
            used_count = c.used_count - k.pieces
        where c.tenant_id = p_tenant
            and c.limit_id = k.limit_id
            and c.subject = k.subject
            and c.window_on = k.window_on;
        if not found then
            raise 'a counter that was charged is gone' using errcode = 'LG500';
        end if;
    end loop;
end $$;
