-- hasten: whoever was asked cannot answer for the moment: their open questions go on to the next person at this instant at
-- the latest, instead of waiting for the deadline. A review that had nobody left to ask has no timer, and gets one: somebody
-- may have come since. Timers of questions that nobody was asked yet are due anyway.
-- Callers: suspend, set_away, apply, with the configuration held. Locks: timers. Cost: the agent's open questions.
create or replace function hasten(p_tenant uuid, p_agent text, p_at timestamptz) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    insert into timers as t (tenant_id, gesture_id, purpose, due_at)
    select p_tenant, a.gesture_id, 'APPROVAL', p_at
    from asks a
    where a.tenant_id = p_tenant and a.agent_id = p_agent and a.closed_at is null
    order by a.gesture_id
    on conflict (tenant_id, gesture_id, purpose) do update
    set due_at = excluded.due_at, claimed_until = null
    where t.due_at > excluded.due_at;
end $$;
