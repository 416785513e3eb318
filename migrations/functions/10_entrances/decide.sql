-- decide: somebody who was asked answers an open question: APPROVE (with another amount or promise, if they like),
-- DECLINE or RETURN, both with what they have to say, sealed.
-- Promises: an approval is an admission as if the authority itself had asked, at this instant, of exactly the terms and the
-- etag that were seen: its maxima and the shared limits are spent in the same transaction, whatever was proposed when it
-- was asked. Nobody decides on their own request, through whatever door. A delegate spends no more than was lent. Above the
-- item's dual-control amount two different people say yes to the same amount; the first yes holds nothing, and another
-- amount begins again.
-- outcome: APPROVED, FIRST_YES, DECLINED, RETURNED; replayed: the same answer was given before, by the same actor. REFUSED:
-- it does not fit, for these reasons; nothing changed, and the question stays open for somebody who can. SAME_PERSON: the
-- first yes was theirs, or they do not count as a person. And what judge_answer says.
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture, and with it its question -> counters
-- by key -> the authority's row of waits -> the row in heads. Cost: as two batches of one.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function decide(
    p_tenant uuid,
    p_id uuid,
    p_actor text,
    p_authority text,
    p_etag int,
    p_terms bytea,
    p_answer text,
    p_amount bigint,
    p_promise_by timestamptz,
    p_sealed bytea,
    p_seq int,
    p_credential text,
    p_via text)
returns table (outcome text, authority text, state text, etag int, by_agent text, reasons jsonb, replayed boolean)
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
    g gestures;
    v_before events;
    v_judged record;
    v_outcome text;
    v_why jsonb;
    v_state text;
begin
    perform check_caller(p_actor, p_credential, p_via);
    perform check_answer(p_id, p_etag, p_terms, p_answer, p_amount, p_promise_by, p_sealed);
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();

    v_before := next_change(p_tenant, p_id, p_etag);
    if is_same_answer(v_before, p_actor, p_authority, p_terms, p_answer, p_amount) then
        perform wait_for_standbys();
        return query
            select v_before.type, v_before.authority, k.p_state, k.p_etag, k.p_by, null::jsonb, true
            from mark_of(p_tenant, p_id) k;
        return;
    end if;

    select j.* into v_judged
    from judge_answer(
        p_tenant, v_at, p_id, p_actor, p_authority, p_etag, p_terms, 'DECISION', p_sealed, p_seq) j;
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    if v_judged.p_refusal is null and p_answer = 'APPROVE' then
        select y.p_outcome, y.p_why into v_outcome, v_why
        from say_yes(
            p_tenant, v_at, g, p_actor, v_judged.p_in, v_judged.p_how, v_judged.p_asked_at, p_amount, p_promise_by,
            p_credential, p_via) y;
        return query
            select v_outcome, v_judged.p_in, k.p_state, k.p_etag, k.p_by, v_why, false
            from mark_of(p_tenant, p_id) k;
        return;
    end if;
    if v_judged.p_refusal is null then
        v_state := case p_answer when 'DECLINE' then 'DECLINED' else 'RETURNED' end;
        perform close_question(p_tenant, v_at, p_id, 'DECISION', g.seq + 1);
        perform record_wait(p_tenant, v_judged.p_in, v_judged.p_asked_at, v_at);
        if v_state = 'RETURNED' then
            perform await_revision(p_tenant, v_at, g);
        end if;
        update gestures x
        set decided_at = case when v_state = 'DECLINED' then v_at end
        where x.tenant_id = p_tenant and x.gesture_id = p_id;
        perform happen(
            p_tenant, v_at, p_id, v_state, v_state, p_actor, v_judged.p_in, p_credential, p_via, p_sealed, null, null,
            true);
    end if;
    return query
        select
            coalesce(v_judged.p_refusal, v_state), v_judged.p_in, k.p_state,
            case when v_judged.p_refusal = 'MOVED' then g.seq + 1 else k.p_etag end, k.p_by, null::jsonb, false
        from (select 1) one
        left join lateral mark_of(p_tenant, p_id) k
            on v_judged.p_refusal is null or v_judged.p_refusal in ('STALE', 'NOT_ALLOWED', 'MOVED');
end $$;
