-- withdraw_tasks: nobody is to do these tasks any more; whoever has leased one learns of it at the next report. One
-- update per task, by its whole key: `= any` was planned, on a table that looked empty, over all the tenant's tasks, and
-- lease may have moved a row meanwhile.
-- Callers: settle, with the gestures locked. Locks: their tasks. Cost: an update each.
create or replace function withdraw_tasks(p_tenant uuid, p_id uuid[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_id uuid;
begin
    for v_id in select x.id from unnest(p_id) x (id) order by x.id loop
        update tasks t
        set ready_at = null, leased_until = null
        where t.tenant_id = p_tenant and t.gesture_id = v_id;
    end loop;
end $$;
