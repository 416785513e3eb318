-- reassign: somebody who was asked hands the question to somebody who can say yes. They are not asked any more, and how long
-- the other has is p_answer_by.
-- Promises: nobody is asked who could not say yes: not the requester, nobody without the authority.
-- outcome: REASSIGNED; replayed: handed on to the same agent before. TO_UNKNOWN, ALREADY_ASKED, UNABLE (reasons). And what
-- judge_answer says.
-- Callers: largesse_app. Locks, in this order: configuration (shared) -> the gesture, and with it its question -> the row
-- in heads. Cost: as a preview and a batch of one.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, 40001 run it again.
create or replace function reassign(
    p_tenant uuid, p_id uuid, p_actor text, p_authority text, p_etag int, p_to text, p_answer_by timestamptz,
    p_credential text, p_via text)
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
    v_judged record;
    v_to_type text;
    v_is_able boolean;
    v_why jsonb;
    v_refusal text;
    v_expires_at timestamptz;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if (p_id is not null and p_etag >= 1 and is_id(p_to) and isfinite(p_answer_by)) is not true then
        raise 'a question is handed on with the etag seen, to an agent, for a time' using errcode = 'LG400';
    end if;
    perform share_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    perform lock_gestures(p_tenant, array[p_id]);
    v_at := largesse.now();

    if exists (
        select from events e
        where e.tenant_id = p_tenant
            and e.gesture_id = p_id
            and e.seq > p_etag
            and e.type = 'REASSIGNED'
            and e.actor = p_actor
            and e.facts ->> 'to' = p_to
            -- who is asked again, because it was handed back, has another act before them, to the same etag
            and not exists (
                select from asks a
                where a.tenant_id = p_tenant
                    and a.gesture_id = p_id
                    and a.agent_id = e.facts ->> 'from'
                    and a.closed_at is null)) then
        perform wait_for_standbys();
        return query
            select 'REASSIGNED', null::text, k.p_state, k.p_etag, k.p_by, null::jsonb, true from mark_of(p_tenant, p_id) k;
        return;
    end if;

    select j.* into v_judged
    from judge_answer(p_tenant, v_at, p_id, p_actor, p_authority, p_etag, null, 'DECISION', null, null) j;
    v_refusal := v_judged.p_refusal;
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    if v_refusal is null then
        select c.type, c.is_able, c.reasons into v_to_type, v_is_able, v_why
        from candidates_of(p_tenant, v_at, terms_of(g), array[p_to]) c
        where c.agent_id = p_to
        order by c.place desc
        limit 1;
        v_refusal := case
            when v_to_type is null then 'TO_UNKNOWN'
            when exists (
                select from asks a
                where a.tenant_id = p_tenant and a.gesture_id = p_id and a.agent_id = p_to and a.closed_at is null)
                then 'ALREADY_ASKED'
            when v_is_able is not true then 'UNABLE'
        end;
    end if;
    if v_refusal is null then
        select a.expires_at into v_expires_at
        from approvals a
        where a.tenant_id = p_tenant and a.gesture_id = p_id;
        update asks a
        set closed_at = v_at
        where a.tenant_id = p_tenant and a.gesture_id = p_id and a.agent_id = v_judged.p_in;
        perform ask_agent(p_tenant, v_at, p_id, p_to, 'REASSIGNED', least(p_answer_by, v_expires_at));
        update timers t
        set due_at = least(p_answer_by, v_expires_at), claimed_until = null
        where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'APPROVAL';
        perform happen(
            p_tenant, v_at, p_id, 'REASSIGNED', g.state, p_actor, v_judged.p_in, p_credential, p_via, null, null,
            jsonb_build_object('from', v_judged.p_in, 'to', p_to), false);
    end if;
    return query
        select
            coalesce(v_refusal, 'REASSIGNED'), v_judged.p_in, k.p_state, k.p_etag, k.p_by,
            case when v_refusal = 'UNABLE' then coalesce(v_why, '[]') end, false
        from (select 1) one
        left join lateral mark_of(p_tenant, p_id) k
            on coalesce(v_refusal, '-') not in ('UNKNOWN', 'NOT_ASKED', 'NOT_LENT', 'OWN_REQUEST', 'INACTIVE');
end $$;
