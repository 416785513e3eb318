-- release: the holds of these gestures end: their counters give back what was held and the piece, their tasks go.
-- Promises: gives back exactly what was taken, from the gesture's own arrays; a pending gesture held nothing. One
-- statement that meets each counter by its whole key, as an insert that always conflicts: a join was planned, on a table
-- that looked empty, over all the tenant's counters.
-- Callers: settle, with the gestures locked and already cancelled. Locks: counters by key. Cost: as much as charge.
-- SQLSTATE: LG500 a counter that was charged is gone.
create or replace function release(p_tenant uuid, p_id uuid[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_nobody_has constant bigint := 9223372036854775807;       -- a ceiling by which a counter made here is known
    v_id uuid;
    v_gone int;
begin
    -- each by its whole key: `= any` was planned, on a table that looked empty, over all the tenant's tasks
    foreach v_id in array p_id loop
        delete from tasks t where t.tenant_id = p_tenant and t.gesture_id = v_id;
    end loop;

    with back as materialized (
        select h.limit_id, h.subject collate "C" subject, h.window_on, sum(h.amount)::bigint held, count(*)::int n
        from unnest(p_id) x (id)
        cross join lateral (
            select y.* from gestures y where y.tenant_id = p_tenant and y.gesture_id = x.id limit 1) g
        cross join lateral unnest(g.charged_limits, g.charged_subjects, g.charged_windows, g.charged_minor)
            h (limit_id, subject, window_on, amount)
        where h.window_on is not null
        group by 1, 2, 3),
    released as (
        insert into counters as k (
            tenant_id, limit_id, subject, window_on, held_minor, used_count, ceiling_minor, ceiling_count)
        select p_tenant, b.limit_id, b.subject, b.window_on, b.held, b.n, v_nobody_has, 2147483647
        from back b
        order by b.limit_id, b.subject collate "C", b.window_on
        on conflict (tenant_id, limit_id, subject, window_on) do update
        set held_minor = k.held_minor - excluded.held_minor,
            used_count = k.used_count - excluded.used_count
        returning ceiling_minor)
    select count(*) into v_gone from released r where r.ceiling_minor = v_nobody_has;
    if v_gone > 0 then
        raise 'a counter that was charged is gone' using errcode = 'LG500';
    end if;
end $$;
