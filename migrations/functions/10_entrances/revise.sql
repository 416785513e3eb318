-- revise: the requester puts other terms to a gesture that waits or was returned, or breaks the glass for it. Admission runs
-- again from the start, in their own authority: APPROVED, PENDING_APPROVAL (a new question; a first yes is forgotten) or
-- DECLINED. Every answer to the old terms is stale from now on.
-- Promises: as admit, for one. What is malformed or unknown to the configuration changes nothing.
-- outcome: REVISED (state says which answer it was, reasons why); replayed: the same revision was made before. UNKNOWN,
-- FORBIDDEN (not the requester), STALE, NOT_ALLOWED, OTHER_CUSTOMER (that is another gesture), INVALID, MOVED.
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture, and with it its question -> counters
-- by key -> the row in heads. Cost: as two batches of one.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function revise(
    p_tenant uuid,
    p_id uuid,
    p_actor text,
    p_etag int,
    p_seq int,
    p_kind text,
    p_amount bigint,
    p_currency text,
    p_customer text,
    p_segment text,
    p_case text,
    p_occasion text,
    p_budget text,
    p_waived text,
    p_promise_by timestamptz,
    p_replaces uuid,
    p_digest bytea,
    p_personal_digest bytea,
    p_sealed bytea,
    p_is_glass boolean,
    p_credential text,
    p_via text,
    p_recipient text)
returns table (outcome text, state text, etag int, by_agent text, reasons jsonb, replayed boolean)
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
    v_asked asked := row (
        p_id, p_actor, p_kind, p_amount, p_currency, p_customer, p_segment, p_case, p_occasion, p_budget,
        coalesce(p_waived, ''), p_promise_by, p_replaces, p_digest, p_personal_digest, p_sealed, p_credential, p_via,
        p_is_glass, p_recipient)::asked;
    v_at timestamptz;
    g gestures;
    v_before events;
    v_refusal text;
    v_outcome text;
    v_why jsonb;
begin
    perform check_caller(p_actor, p_credential, p_via);
    perform check_form(array[v_asked]);
    if (p_etag >= 1 and p_seq >= 2) is not true then
        raise 'a revision names the etag seen, and the event for which it was sealed' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;

    v_before := next_change(p_tenant, p_id, p_etag);
    if v_before.type = 'REVISED'
        and v_before.actor = p_actor
        and v_before.terms_digest = sha256(p_digest || p_personal_digest) then
        perform wait_for_standbys();
        return query
            select 'REVISED', v_before.state, g.etag, p_actor, v_before.facts::jsonb -> 'reasons', true;
        return;
    end if;
    v_refusal := case
        when g.gesture_id is null or g.state = 'TOMBSTONE' then 'UNKNOWN'
        when g.requested_by <> p_actor then 'FORBIDDEN'
        when g.etag <> p_etag then 'STALE'
        when g.state not in ('PENDING_APPROVAL', 'RETURNED') then 'NOT_ALLOWED'
        when g.customer_id <> p_customer then 'OTHER_CUSTOMER'
        when p_seq <> g.seq + 1 then 'MOVED'
    end;
    if v_refusal is null then
        select a.p_outcome, a.p_why into v_outcome, v_why from admit_again(p_tenant, v_at, g, v_asked) a;
    end if;
    return query
        select
            coalesce(v_refusal, v_outcome), k.p_state,
            case when v_refusal = 'MOVED' then g.seq + 1 else k.p_etag end, k.p_by, v_why, false
        from (select 1) one
        left join lateral mark_of(p_tenant, p_id) k on coalesce(v_refusal, '-') <> 'FORBIDDEN';
end $$;
