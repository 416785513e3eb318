-- retract: the sweep changed some outcomes after their rows were claimed: those rows get the new state and lose the
-- hold.
-- One statement per state and `= any`, because a join to the batch was planned, on a table that looked empty, over
-- everything that the tenant ever gave.
-- Callers: admit_once, after sweep. Locks: rows that this transaction wrote itself. Cost: one update per changed
-- element.
create or replace function retract(p_tenant uuid, p_at timestamptz, m matched[], p_out text[]) returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_state text;
begin
    foreach v_state in array '{PENDING_APPROVAL,DECLINED}'::text[] loop
        update gestures g
        set state = v_state,
            decided_by = null,
            authority = null,
            decided_at = case when v_state <> 'PENDING_APPROVAL' then p_at end,
            promise = null,
            hold_minor = null,
            charged_limits = null,
            charged_subjects = null,
            charged_windows = null,
            charged_minor = null,
            charged_maxima = null,
            charged_rates = null
        where g.tenant_id = p_tenant
            and g.gesture_id = any (array(select r.id from unnest(m) r where p_out[r.ord] = v_state))
            and g.state <> v_state;
    end loop;
end $$;
