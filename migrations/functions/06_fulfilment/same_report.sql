-- same_report: the event of the same report, by the same actor, if it came before. Callers: report, judge_report. Locks:
-- none. Cost: a short range of one index.
create or replace function same_report(p_tenant uuid, r reported) returns events
language plpgsql stable
as $$
#variable_conflict error
declare
    v_said jsonb := said_in(r);
    v_event events;
begin
    select e.* into v_event
    from (
        select x.* from events x where x.tenant_id = p_tenant and x.gesture_id = r.id
        union all
        select x.* from archived_events x where x.tenant_id = p_tenant and x.gesture_id = r.id) e
    where e.actor = r.actor
        and e.type in ('DISPATCHED', 'DELIVERED', 'COST_CORRECTED', 'TRY_FAILED', 'FAILED')
        and (e.facts -> 'said')::jsonb = v_said
    order by e.seq
    limit 1;
    return v_event;
end $$;
