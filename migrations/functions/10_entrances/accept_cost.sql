-- accept_cost: what a gesture cost above its hold is accepted by somebody, in their own authority: a gesture of its own,
-- about the first, for the rest, delivered at once. For the agent who asked, and for everybody above them.
-- Promises: it is an admission like any other, at this instant: the actor's maxima and the shared limits are spent, in
-- their own windows. What was spent already is no matter of the price range, of what is on offer now, or of a pause.
-- outcome: ACCEPTED; replayed: the same id accepted the same cost before, by the same actor. REFUSED: no room, for these
-- reasons; nothing changed, and it stays in question. UNKNOWN, FORBIDDEN, STALE (another rest is in question than the one
-- seen), NOT_ALLOWED (nothing is in question), REUSED (the id is another gesture's).
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> both gestures by id, the first with its
-- follow-up -> counters by key -> the row in heads. Cost: as two batches of one.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function accept_cost(
    p_tenant uuid, p_id uuid, p_about uuid, p_actor text, p_rest bigint, p_digest bytea, p_personal_digest bytea,
    p_sealed bytea, p_credential text, p_via text,
    out outcome text, out state text, out reasons jsonb, out replayed boolean)
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz;
    v_batch uuid;
    g gestures;                         -- the first
    n gestures;                         -- its rest
    f follow_ups;
    v_asked asked;
    m matched[];
    v_told happened[];
    v_hashes bytea;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if (p_id <> p_about and p_rest between 1 and 1000000000000 and octet_length(p_digest) = 32
        and octet_length(p_personal_digest) = 32 and octet_length(coalesce(p_sealed, '')) <= 262144) is not true then
        raise 'which gesture, about which other, and for how much?' using errcode = 'LG400';
    end if;
    replayed := false;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_about, p_id]);
    v_at := largesse.now();
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_about;
    select x.* into n from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    select x.* into f
    from follow_ups x
    where x.tenant_id = p_tenant and x.gesture_id = p_about and x.purpose = 'COST';
    state := g.state;
    replayed := coalesce(n.about = p_about and n.requested_by = p_actor and n.amount_minor = p_rest, false);
    outcome := case
        when g.gesture_id is null or g.state = 'TOMBSTONE' then 'UNKNOWN'
        when replayed then 'ACCEPTED'
        when n.gesture_id is not null then 'REUSED'
        when not speaks_for(p_tenant, p_actor, g.requested_by) then 'FORBIDDEN'
        when f.gesture_id is null or f.closed_at is not null then 'NOT_ALLOWED'
        when f.rest_minor <> p_rest then 'STALE'
    end;
    if replayed then
        perform wait_for_standbys();
    end if;
    if outcome is not null then
        return;
    end if;

    v_asked.id := p_id;
    v_asked.agent := p_actor;
    v_asked.kind := g.kind;
    v_asked.amount := p_rest;
    v_asked.currency := g.currency;
    v_asked.customer_id := g.customer_id;
    v_asked.segment := g.segment;
    v_asked.case_id := g.case_id;
    v_asked.occasion := g.occasion;
    v_asked.waived := '';
    v_asked.digest := p_digest;
    v_asked.personal_digest := p_personal_digest;
    v_asked.sealed := p_sealed;
    v_asked.credential := p_credential;
    v_asked.via := p_via;
    v_asked.is_glass := false;
    m := match(p_tenant, v_at, false, array[v_asked]);
    m[1].problems := nullif(array(
        select p.name from unnest(m[1].problems) p (name)
        where p.name <> all ('{AMOUNT_OUT_OF_RANGE,KIND_NOT_OFFERED,PAUSED}')), '{}');
    m[1].faults := nullif(array(
        select p.name from unnest(m[1].faults) p (name) where p.name <> all ('{KIND_UNKNOWN,RECIPIENT_MISSING}')), '{}');
    if m[1].faults is not null then
        outcome := 'REFUSED';
        reasons := explain_faults(p_tenant, m[1]);
        return;
    end if;

    begin
        perform claim(p_tenant, v_at, m, array['APPROVED']);
        select s.p_out, s.p_why into outcome, reasons from spend(p_tenant, m) s;
        if outcome <> 'APPROVED' then
            raise 'no room' using errcode = 'LG001';
        end if;
    exception
        when sqlstate 'LG001' then
            outcome := 'REFUSED';
            return;
        when sqlstate 'LG002' then
            outcome := 'REUSED';        -- by somebody who wrote it just now
            return;
    end;
    update gestures x
    set state = 'DELIVERED', about = p_about, settled_at = v_at, captured_minor = p_rest, actual_minor = p_rest
    where x.tenant_id = p_tenant and x.gesture_id = p_id;
    update follow_ups x
    set closed_at = v_at, closed_by = p_actor, answer_id = p_id
    where x.tenant_id = p_tenant and x.gesture_id = p_about and x.purpose = 'COST';
    v_told := array[row (
        p_id, 1, 'COST_ACCEPTED', 'DELIVERED', p_actor, p_actor, p_credential, p_via, m[1].version, p_rest, m[1].terms,
        p_sealed, jsonb_build_object('about', p_about))::happened]
        || tell(
            p_tenant, v_at, g, 'REST_ACCEPTED', g.state, p_actor, p_credential, p_via, g.promise,
            jsonb_build_object('answer', p_id, 'rest_minor', p_rest));
    v_batch := new_batch_id(v_at);
    v_hashes := append(p_tenant, v_batch, v_at, v_told);
    perform end_holds(p_tenant, array[p_id], array[null]::bigint[]);
    perform close_batch(p_tenant, v_batch, v_at, v_hashes);
    outcome := 'ACCEPTED';
    state := 'DELIVERED';
end $$;
