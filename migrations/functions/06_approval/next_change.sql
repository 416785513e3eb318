-- next_change: the first event after an etag that changed the gesture itself: what a repeated call would have written.
-- Callers: judge_settlement, decide, revise, review. Locks: none. Cost: a short range of one index.
create or replace function next_change(p_tenant uuid, p_id uuid, p_etag int) returns events
language plpgsql stable
as $$
#variable_conflict error
declare
    v_event events;
begin
    select e.* into v_event
    from events e
    where e.tenant_id = p_tenant
        and e.gesture_id = p_id
        and e.seq > p_etag
        and moves_the_etag(e.type)
    order by e.seq
    limit 1;
    -- what is archived of a gesture came before all that is not
    if exists (select from archived_events e where e.tenant_id = p_tenant and e.gesture_id = p_id and e.seq > p_etag) then
        select e.* into v_event
        from archived_events e
        where e.tenant_id = p_tenant
            and e.gesture_id = p_id
            and e.seq > p_etag
            and moves_the_etag(e.type)
        order by e.seq
        limit 1;
    end if;
    return v_event;
end $$;
