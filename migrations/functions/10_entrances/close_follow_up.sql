-- close_follow_up: who was asked, or stands above, has looked: nothing more is given for it.
-- outcome: CLOSED; replayed: by the same actor before. UNKNOWN, FORBIDDEN, NOT_ALLOWED (it is closed, or was never open).
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture, and with it its follow-up -> the
-- row in heads. Cost: as a batch of one. SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function close_follow_up(
    p_tenant uuid, p_id uuid, p_purpose text, p_actor text, p_credential text, p_via text,
    out outcome text, out replayed boolean)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    v_batch uuid;
    g gestures;
    f follow_ups;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if (p_id is not null and p_purpose in ('COST', 'PROMISE')) is not true then
        raise 'which gesture, and which question about it?' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    select x.* into f
    from follow_ups x
    where x.tenant_id = p_tenant and x.gesture_id = p_id and x.purpose = p_purpose;
    replayed := coalesce(f.closed_by = p_actor and f.answer_id is null, false);
    outcome := case
        when g.gesture_id is null or g.state = 'TOMBSTONE' then 'UNKNOWN'
        when f.gesture_id is null then 'NOT_ALLOWED'
        when not speaks_for(p_tenant, p_actor, f.agent_id) then 'FORBIDDEN'
        when replayed then 'CLOSED'
        when f.closed_at is not null then 'NOT_ALLOWED'
    end;
    if outcome is not null then
        return;
    end if;
    update follow_ups x
    set closed_at = v_at, closed_by = p_actor
    where x.tenant_id = p_tenant and x.gesture_id = p_id and x.purpose = p_purpose;
    v_batch := new_batch_id(v_at);
    perform close_batch(p_tenant, v_batch, v_at, append(p_tenant, v_batch, v_at, tell(
        p_tenant, v_at, g, 'FOLLOW_UP_CLOSED', g.state, p_actor, p_credential, p_via, g.promise,
        jsonb_build_object('purpose', p_purpose))));
    outcome := 'CLOSED';
end $$;
