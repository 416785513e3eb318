-- judge_step: whether the next step of a question may be taken: ASKED, it may. STALE: it was taken, nothing is open, or it
-- is not due. UNFIT: these agents cannot be asked by routing, or not for so short a time, or nothing would happen when that
-- time is over: a question that nobody answers ends.
-- Callers: ask, with the gesture locked. Locks: none. Cost: four look-ups, and a walk up the line per agent.
create or replace function judge_step(
    p_tenant uuid, p_at timestamptz, p_id uuid, p_step int, p_agents text[], p_how text[], p_due_at timestamptz,
    p_expires_at timestamptz) returns text
language plpgsql stable
as $$
#variable_conflict error
declare
    g gestures;
    a approvals;
    v_rule record;
    v_person text;                      -- the requester's
begin
    select x.* into a
    from approvals x
    where x.tenant_id = p_tenant and x.gesture_id = p_id and x.closed_at is null and x.step = p_step;
    if not found or not is_due(p_tenant, p_id, a.step, p_at) then
        return 'STALE';
    end if;
    select x.* into g from gestures x where x.tenant_id = p_tenant and x.gesture_id = p_id;
    select x.person_id into v_person from agents x where x.tenant_id = p_tenant and x.agent_id = g.requested_by;
    select r.* into v_rule from routing_in_force(p_tenant, g.kind, g.segment, g.occasion) r;
    if exists (
        select
        from unnest(p_agents, p_how) x (agent, how)
        left join lateral (
            select y.type, y.person_id, y.is_active from agents y
            where y.tenant_id = p_tenant and y.agent_id = x.agent limit 1) t on true
        where (
                t.is_active
                and t.person_id <> v_person
                and case x.how
                    when 'LINE' then t.type <> 'POOL' and is_above(p_tenant, x.agent, g.requested_by)
                    when 'POOL' then x.agent = v_rule.duty_pool_id
                    else false
                end) is not true) then
        return 'UNFIT';
    end if;
    if a.purpose = 'DECISION' and ((
            p_due_at <= coalesce(a.expires_at, p_expires_at)
            and (a.expires_at is not null or p_expires_at >= a.opened_at + make_interval(secs => v_rule.expire_after_s))
        ) is not true) then
        return 'UNFIT';
    end if;
    return 'ASKED';
end $$;
