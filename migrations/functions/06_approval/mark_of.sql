-- mark_of: where a gesture stands and who brought it there: what the loser of a race is told.
-- Callers: settle, decide, reassign, revise, review. Locks: none. Cost: two look-ups.
create or replace function mark_of(p_tenant uuid, p_id uuid, out p_state text, out p_etag int, out p_by text)
language plpgsql stable
as $$
#variable_conflict error
begin
    select g.state, g.etag, e.actor into p_state, p_etag, p_by
    from gestures g
    cross join lateral (
        select x.actor from events x where x.tenant_id = p_tenant and x.gesture_id = p_id and x.seq = g.etag
        union all
        select x.actor from archived_events x where x.tenant_id = p_tenant and x.gesture_id = p_id and x.seq = g.etag
        limit 1) e
    where g.tenant_id = p_tenant and g.gesture_id = p_id and g.state <> 'TOMBSTONE';
end $$;
