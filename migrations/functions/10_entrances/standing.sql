-- standing: what a yes in this authority would get now: what decide would answer, on counters that are not locked. For a
-- view from which somebody decides; it promises nothing.
-- outcome: APPROVED, FIRST_YES (one more person is needed then), REFUSED with the reasons, SAME_PERSON.
-- Callers: largesse_app. Locks: none. Cost: as a preview. SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function standing(p_tenant uuid, p_id uuid, p_actor text, p_authority text)
returns table (outcome text, reasons jsonb, configuration_version int, is_asked boolean)
language plpgsql stable security definer
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
    v_at timestamptz := largesse.now();
    v_how text;
    g gestures;
    a approvals;
    y record;
    v_why jsonb;
begin
    if p_id is null or is_id(p_actor) is not true or is_id(p_authority) is not true then
        raise 'which gesture, and in whose authority?' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    select x.* into g
    from gestures x
    where x.tenant_id = p_tenant and x.gesture_id = p_id and x.state = 'PENDING_APPROVAL';
    if not found then
        return;
    end if;
    select h.how into v_how
    from authorities_of(p_tenant, p_actor, v_at) h
    where h.authority = p_authority and (h.kinds is null or g.kind = any (h.kinds))
    limit 1;
    if not found then
        return;
    end if;
    a := first_yes(p_tenant, v_at, g);
    select x.* into y
    from judge_yes(
        p_tenant, v_at, g, p_actor, p_authority, v_how, coalesce(a.first_minor, g.amount_minor),
        coalesce(a.first_promise_by, g.promise_by)) x;
    if (y.p_matched).faults is null then
        select s.p_why[1] into v_why from sweep(p_tenant, array[y.p_matched]) s;
    end if;
    return query
        select
            case
                when y.p_needs_two and (not y.p_are_people or coalesce(
                    a.first_person_ids && y.p_person_ids
                    or array[a.first_actor, a.first_authority] && array[p_actor, p_authority], false)) then 'SAME_PERSON'
                when y.p_refusal is not null or v_why is not null then 'REFUSED'
                when y.p_needs_two and a.first_minor is null then 'FIRST_YES'
                else 'APPROVED'
            end,
            coalesce(y.p_refusal, '[]') || coalesce(v_why, '[]'),
            (y.p_matched).version,
            exists (
                select from asks x
                where x.tenant_id = p_tenant
                    and x.gesture_id = p_id
                    and x.agent_id = p_authority
                    and x.closed_at is null);
end $$;
