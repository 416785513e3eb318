-- question: an open question as routing needs it: what is asked, who was asked, and whether its next step is due.
-- DECISION and REVIEW are open; RETURNED waits for its requester, and only time can end it. No row: nothing is open.
-- Callers: largesse_app. Locks: none. Cost: three look-ups. SQLSTATE: LG400 malformed, LG404 no such tenant.
create or replace function question(p_tenant uuid, p_id uuid)
returns table (
    purpose text, step int, opened_at timestamptz, due_at timestamptz, expires_at timestamptz, is_due boolean,
    requested_by text, kind text, amount_minor bigint, currency text, customer_id text, segment text, case_id text,
    occasion text, budget_id text, waived text, asked text[])
language plpgsql stable security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
begin
    if p_id is null then
        raise 'which gesture?' using errcode = 'LG400';
    end if;
    perform tenant_in_force(p_tenant);
    return query
        select
            case when g.state = 'RETURNED' then 'RETURNED' else a.purpose end, a.step, a.opened_at, t.due_at, a.expires_at,
            largesse.is_due(p_tenant, p_id, case when g.state = 'RETURNED' then 1 else a.step end, largesse.now()),
            g.requested_by, g.kind, g.amount_minor, g.currency, g.customer_id, g.segment, g.case_id, g.occasion,
            g.budget_id, g.waived,
            array(
                select x.agent_id from asks x
                where x.tenant_id = p_tenant and x.gesture_id = p_id and x.opened_seq = a.opened_seq
                order by x.asked_at, x.agent_id)
        from gestures g
        join approvals a on a.tenant_id = p_tenant and a.gesture_id = p_id
        left join timers t on t.tenant_id = p_tenant and t.gesture_id = p_id and t.purpose = 'APPROVAL'
        where g.tenant_id = p_tenant and g.gesture_id = p_id and (a.closed_at is null or g.state = 'RETURNED');
end $$;
