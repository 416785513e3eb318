-- record_wait: somebody was asked and has answered: how long that took is kept beside the last 49 times.
-- Callers: decide, review. Locks: the asked agent's row of approver_waits, after the counters.
create or replace function record_wait(p_tenant uuid, p_agent text, p_asked_at timestamptz, p_at timestamptz)
returns void
language plpgsql volatile
as $$
#variable_conflict error
begin
    insert into approver_waits as w (tenant_id, agent_id, waits_s)
    values (
        p_tenant, p_agent,
        array[least(greatest(extract(epoch from p_at - p_asked_at), 0), 31536000)::int])
    on conflict (tenant_id, agent_id) do update
    set waits_s = (w.waits_s || excluded.waits_s)[greatest(cardinality(w.waits_s) - 48, 1):];
end $$;
