-- mark_of: where a gesture stands and who brought it there: what the loser of a race is told.
-- Callers: settle, decide, reassign, revise, review. Locks: none. Cost: two look-ups.
create or replace function mark_of(p_tenant uuid, p_id uuid, out p_state text, out p_etag int, out p_by text)
language plpgsql stable
as $$
#variable_conflict error
begin
    select g.state, g.etag, e.actor into p_state, p_etag, p_by
    from gestures g
    join events e on e.tenant_id = p_tenant and e.gesture_id = p_id and e.seq = g.etag
    where g.tenant_id = p_tenant and g.gesture_id = p_id and g.state <> 'TOMBSTONE';
end $$;
