-- close_question: nobody is asked about this gesture any more, and no timer runs for it.
-- Callers: settle, decide, revise, review, lapse, decline_unanswerable, with the gesture locked. Locks: the gesture's
-- rows of approvals, asks and timers. Cost: three updates of a few rows; a look-up where nothing was asked.
create or replace function close_question(p_tenant uuid, p_at timestamptz, p_id uuid, p_purpose text, p_seq int)
returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    update approvals a
    set closed_at = p_at, closed_seq = p_seq
    where a.tenant_id = p_tenant and a.gesture_id = p_id and a.purpose = p_purpose and a.closed_at is null;
    if found then
        -- said so that the index of open inboxes does not serve: by a plan made on an empty table it read all of them
        update asks a
        set closed_at = p_at
        where a.tenant_id = p_tenant and a.gesture_id = p_id and coalesce(a.closed_at, 'infinity') = 'infinity';
        delete from timers t where t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'APPROVAL';
    end if;
end $$;
