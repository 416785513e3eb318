-- ask_agent: one more agent is asked; whoever was asked earlier and is not any more is asked again.
-- Callers: ask, reassign, with the gesture locked. Locks: the row. Cost: an insert.
create or replace function ask_agent(
    p_tenant uuid, p_at timestamptz, p_id uuid, p_agent text, p_how text, p_answer_by timestamptz) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    insert into asks as a (tenant_id, gesture_id, agent_id, opened_seq, how, asked_at, answer_by)
    select p_tenant, p_id, p_agent, x.opened_seq, p_how, p_at, p_answer_by
    from approvals x
    where x.tenant_id = p_tenant and x.gesture_id = p_id
    on conflict (tenant_id, gesture_id, agent_id) do update
    set opened_seq = excluded.opened_seq,
        how = excluded.how,
        asked_at = excluded.asked_at,
        answer_by = excluded.answer_by,
        closed_at = null
    where a.closed_at is not null;
end $$;
