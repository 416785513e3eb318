-- take_step: a question goes one step on, until something happens next at p_due_at; null: nothing does. When it ends is said
-- once. By whole keys, because claim_timers may have moved the timer meanwhile.
-- Callers: ask, with the gesture locked. Locks: the question's rows. Cost: two updates.
create or replace function take_step(p_tenant uuid, p_id uuid, p_due_at timestamptz, p_expires_at timestamptz) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    update approvals x
    set step = x.step + 1, expires_at = coalesce(x.expires_at, p_expires_at)
    where x.tenant_id = p_tenant and x.gesture_id = p_id;
    if p_due_at is null then
        delete from timers t where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'APPROVAL';
    else
        update timers t
        set due_at = p_due_at, claimed_until = null
        where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'APPROVAL';
    end if;
end $$;
