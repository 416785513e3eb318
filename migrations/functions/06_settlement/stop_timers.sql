-- stop_timers: no timer runs any more for those of these gestures about which nobody is asked (what was returned waited
-- for its requester; one whose review is open keeps it), and none watches what they promised. One delete per timer, by
-- its whole key: claim_timers may have moved the row meanwhile, so its place is no good here.
-- Callers: settle, with the gestures locked. Locks: their timers. Cost: a look-up each, and a delete where a timer is.
create or replace function stop_timers(p_tenant uuid, p_id uuid[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    r record;
begin
    for r in
        select d.id, t.purpose
        from (select x.id from unnest(p_id) x (id) order by x.id) d
        cross join lateral (
            select x.purpose from timers x where x.tenant_id = p_tenant and x.gesture_id = d.id) t
        left join lateral (
            select x.gesture_id from approvals x
            where x.tenant_id = p_tenant and x.gesture_id = d.id and x.closed_at is null limit 1) a on true
        where t.purpose = 'PROMISE' or a.gesture_id is null
    loop
        delete from timers t where t.tenant_id = p_tenant and t.gesture_id = r.id and t.purpose = r.purpose;
    end loop;
end $$;
