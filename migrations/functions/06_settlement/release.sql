-- release: the holds of these gestures end: their counters give back what was held and the piece, their tasks go.
-- Promises: gives back exactly what was taken, from the gesture's own arrays; a pending gesture held nothing. One
-- update per counter, by its whole key: a join was planned, on a table that looked empty, over all the tenant's
-- counters.
-- Callers: settle, with the gestures locked and already cancelled. Locks: counters by key. Cost: 10 µs per counter.
-- SQLSTATE: LG500 a counter that was charged is gone.
create or replace function release(p_tenant uuid, p_id uuid[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    c record;
begin
    delete from tasks t where t.tenant_id = p_tenant and t.gesture_id = any (p_id);

    for c in
        select h.limit_id, h.subject collate "C" subject, h.window_on, sum(h.amount)::bigint held, count(*)::int n
        from unnest(p_id) x (id)
        cross join lateral (
            select y.* from gestures y where y.tenant_id = p_tenant and y.gesture_id = x.id limit 1) g
        cross join lateral unnest(g.charged_limits, g.charged_subjects, g.charged_windows, g.charged_minor)
            h (limit_id, subject, window_on, amount)
        where h.window_on is not null
        group by 1, 2, 3
        order by 1, 2, 3
    loop
        update counters k
        set held_minor = k.held_minor - c.held, used_count = k.used_count - c.n
        where k.tenant_id = p_tenant
            and k.limit_id = c.limit_id
            and k.subject = c.subject
            and k.window_on = c.window_on;
        if not found then
            raise 'a counter that was charged is gone' using errcode = 'LG500';
        end if;
    end loop;
end $$;
