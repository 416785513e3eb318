-- tell: a gesture's row moves on to what has happened to it and, where its promise changes with it, to that as well.
-- Returns the events, one or two, for append. p_type null: nothing happened but to the promise.
-- Callers: follow_report, watch_promise, accept_cost, close_follow_up. Locks: its own gesture, locked already. Cost: an
-- update.
create or replace function tell(
    p_tenant uuid, p_at timestamptz, g gestures, p_type text, p_state text, p_actor text, p_credential text, p_via text,
    p_promise text, p_facts jsonb) returns happened[]
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_is_change boolean := coalesce(moves_the_etag(p_type), false);
    v_seq int := g.seq + (p_type is not null)::int;
    v_told happened[] := '{}'::happened[];
    v_version int := (tenant_in_force(p_tenant)).configuration_version;
begin
    if p_type is not null then
        v_told := array[row (
            g.gesture_id, v_seq, p_type, p_state, p_actor, null, p_credential, p_via, v_version, g.amount_minor,
            g.terms_digest, null, p_facts)::happened];
    end if;
    -- a promise that is withdrawn is no event of its own
    if p_promise is distinct from g.promise and p_promise is not null then
        v_told := v_told || row (
            g.gesture_id, v_seq + 1, 'PROMISE_' || p_promise, p_state, 'largesse', null, null, null, v_version,
            g.amount_minor, g.terms_digest, null, jsonb_build_object('was', g.promise))::happened;
    end if;
    update gestures x
    set state = p_state,
        seq = g.seq + cardinality(v_told),
        etag = case when v_is_change then v_seq else x.etag end,
        updated_at = case when v_is_change then p_at else x.updated_at end,
        promise = p_promise
    where x.tenant_id = p_tenant and x.gesture_id = g.gesture_id;
    return v_told;
end $$;
