-- judge_settlement: why one gesture may not be settled in this way by this actor; null: it may.
-- Callers: settle, with the gesture and the configuration locked. Locks: none. Cost: two look-ups, and the
-- reporting line.
create or replace function judge_settlement(p_tenant uuid, p_id uuid, p_actor text, p_etag int, p_state text)
returns text
language plpgsql stable
as $$
#variable_conflict error
declare
    g record;
    v_before events;
begin
    select x.state, x.etag, x.requested_by, x.kind, x.currency into g
    from gestures x
    where x.tenant_id = p_tenant and x.gesture_id = p_id;
    if not found or g.state = 'TOMBSTONE' then
        return 'UNKNOWN';
    end if;
    v_before := next_change(p_tenant, p_id, p_etag);
    if v_before.type = p_state and v_before.actor = p_actor then
        return 'REPLAY';
    end if;
    if not speaks_for(p_tenant, p_actor, g.requested_by) then
        return 'FORBIDDEN';
    end if;
    if g.etag <> p_etag then
        return 'STALE';
    end if;
    if g.state not in ('APPROVED', 'PENDING_APPROVAL', 'RETURNED') and not (g.state = 'DISPATCHED' and exists (
            select from catalog_items i
            where i.tenant_id = p_tenant and i.kind = g.kind and i.currency = g.currency
                and i.late_cancel_bp is not null)) then
        return 'NOT_ALLOWED';
    end if;
    return null;
end $$;
