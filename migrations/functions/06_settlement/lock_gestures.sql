-- lock_gestures: locks existing gestures, by id. Callers: settle, every answer, archive_events. Locks: gestures by id.
-- Cost: a look-up per id.
create or replace function lock_gestures(p_tenant uuid, p_id uuid[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    perform
    from (select x.id from unnest(p_id) x (id) order by x.id) a
    cross join lateral (
        select g.gesture_id from gestures g where g.tenant_id = p_tenant and g.gesture_id = a.id for update) l;
end $$;
