-- record_outcome: what the customer said or did about a gesture, once or several times, in a word and sealed. It changes
-- nothing.
-- outcome: RECORDED; replayed: this record is there already. REUSED: its id is another record's of this gesture. UNKNOWN,
-- FORBIDDEN (no active agent), NOT_ALLOWED (nothing was ever given), MOVED (sealed for another place than the next
-- event's, whose number is seq).
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture -> the row in heads. Cost: as a
-- batch of one.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function record_outcome(
    p_tenant uuid, p_id uuid, p_record uuid, p_actor text, p_word text, p_sealed bytea, p_seq int, p_credential text,
    p_via text, out outcome text, out seq int, out state text, out replayed boolean)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    g gestures;
    v_before events;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if (p_id is not null and p_record is not null and octet_length(coalesce(p_sealed, '')) <= 262144
        and p_word in ('THANKED', 'COMPLAINED_AGAIN', 'SHARED_PUBLICLY', 'RETURNED', 'OTHER')) is not true then
        raise 'which gesture, which record, and what happened?' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    select e.* into v_before
    from (
        select x.* from events x where x.tenant_id = p_tenant and x.gesture_id = p_id
        union all
        select x.* from archived_events x where x.tenant_id = p_tenant and x.gesture_id = p_id) e
    where e.type = 'OUTCOME_RECORDED' and e.facts ->> 'record' = p_record::text;
    state := g.state;
    replayed := coalesce(v_before.actor = p_actor and v_before.facts ->> 'word' = p_word, false);
    outcome := case
        when g.gesture_id is null or g.state = 'TOMBSTONE' then 'UNKNOWN'
        when replayed then 'RECORDED'
        when v_before.seq is not null then 'REUSED'
        when not exists (
            select from agents a where a.tenant_id = p_tenant and a.agent_id = p_actor and a.is_active) then 'FORBIDDEN'
        when g.charged_limits is null then 'NOT_ALLOWED'
        when p_sealed is not null and p_seq is distinct from g.seq + 1 then 'MOVED'
    end;
    if outcome = 'MOVED' then
        seq := g.seq + 1;
    elsif outcome is null then
        perform happen(
            p_tenant, v_at, p_id, 'OUTCOME_RECORDED', g.state, p_actor, null, p_credential, p_via, p_sealed, null,
            jsonb_build_object('record', p_record, 'word', p_word), false);
        outcome := 'RECORDED';
    end if;
end $$;
