-- hasten: whoever was asked cannot answer for the moment: their open questions go on to the next person at this instant at
-- the latest, instead of waiting for the deadline. Timers of questions that nobody was asked yet are due anyway.
-- Callers: suspend, set_away, apply, with the configuration held. Locks: timers. Cost: the agent's open questions.
create or replace function hasten(p_tenant uuid, p_agent text, p_at timestamptz) returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    update timers t
    set due_at = p_at, claimed_until = null
    where t.tenant_id = p_tenant
        and t.purpose = 'APPROVAL'
        and t.due_at > p_at
        and t.gesture_id = any (array(
            select a.gesture_id from asks a
            where a.tenant_id = p_tenant and a.agent_id = p_agent and a.closed_at is null));
end $$;
