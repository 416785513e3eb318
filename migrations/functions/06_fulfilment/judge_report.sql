-- judge_report: why a report is not followed; null: it is. UNKNOWN (no such task), REPLAY (the same report came before),
-- NOT_LEASED (another lease is the last one, or it was given back), OTHER_CURRENCY, TIME (it happened in the future, or
-- before it was decided), ACCEPTED (somebody has accepted the rest of its cost, so the cost stands), NOT_ALLOWED (the
-- state). A lease that ran out without a successor is still the last one: what was done under it is a fact.
-- Callers: report, with the gestures locked. Locks: none. Cost: three look-ups.
create or replace function judge_report(p_tenant uuid, p_at timestamptz, r reported) returns text
language plpgsql stable
as $$
#variable_conflict error
declare
    g record;
    v_leeway constant interval := interval '5 minutes';        -- the fulfiller's clock is not ours
begin
    select x.state, x.currency, x.decided_at, t.lease_no, t.leased_by into g
    from gestures x
    join tasks t on t.tenant_id = x.tenant_id and t.gesture_id = x.gesture_id
    where x.tenant_id = p_tenant and x.gesture_id = r.id;
    if not found then
        return 'UNKNOWN';
    end if;
    if (same_report(p_tenant, r)).seq is not null then
        return 'REPLAY';
    end if;
    if g.lease_no <> r.token or g.leased_by is distinct from r.actor then
        return 'NOT_LEASED';
    end if;
    if r.currency <> g.currency then
        return 'OTHER_CURRENCY';
    end if;
    if r.type <> 'TRY_FAILED' and (r.at > p_at + v_leeway or r.at < g.decided_at - v_leeway) then
        return 'TIME';
    end if;
    if r.type = 'DELIVERED' and g.state = 'DELIVERED' then
        return case when exists (
            select from follow_ups f
            where f.tenant_id = p_tenant and f.gesture_id = r.id and f.purpose = 'COST' and f.answer_id is not null)
            then 'ACCEPTED' end;
    end if;
    return case when not case r.type
            when 'DISPATCHED' then g.state = 'APPROVED'
            when 'TRY_FAILED' then g.state = 'APPROVED'
            else g.state in ('APPROVED', 'DISPATCHED')
        end then 'NOT_ALLOWED' end;
end $$;
