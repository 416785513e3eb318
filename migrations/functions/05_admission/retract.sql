-- retract: the sweep changed some outcomes after their rows were claimed: those rows get the new state and lose the
-- hold.
-- Each row is found by its key and met by its place, where this transaction wrote it: a join to the batch was planned, on a
-- table that looked empty, over everything that the tenant ever gave, and `= any` was no better.
-- Callers: admit_once, after sweep. Locks: rows that this transaction wrote itself. Cost: one update per changed
-- element.
create or replace function retract(p_tenant uuid, p_at timestamptz, m matched[], p_out text[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    update gestures g
    set state = r.unnest,
        decided_by = null,
        authority = null,
        decided_at = case when r.unnest <> 'PENDING_APPROVAL' then p_at end,
        promise = null,
        hold_minor = null,
        charged_limits = null,
        charged_subjects = null,
        charged_windows = null,
        charged_minor = null,
        charged_maxima = null,
        charged_rates = null
    from rows from (unnest(m), unnest(p_out)) r
    cross join lateral (
        select x.ctid, x.state from gestures x where x.tenant_id = p_tenant and x.gesture_id = r.id limit 1) f (place, state)
    where r.unnest in ('PENDING_APPROVAL', 'DECLINED')
        and f.state <> r.unnest
        and g.ctid = f.place;
end $$;
