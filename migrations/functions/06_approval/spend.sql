-- spend: a single matched gesture is admitted, or is not: its counters are locked in key order, asked, and charged.
-- p_out APPROVED: charged. Anything else: nothing moved, and p_why says why.
-- Callers: decide, revise, lapse, with configuration and gesture locked. Locks: counters by key. Cost: about twice a charge.
-- SQLSTATE: LG500 a defect.
create or replace function spend(p_tenant uuid, m matched[], out p_out text, out p_why jsonb)
language plpgsql volatile
as $$
declare
    v_out text[];
    v_why jsonb[];
begin
    perform lock_counters(p_tenant, m);
    select s.p_out, s.p_why into v_out, v_why from sweep(p_tenant, m) s;
    p_out := v_out[1];
    p_why := v_why[1];
    if p_out = 'APPROVED' and not charge(p_tenant, m, v_out, true) then
        raise 'the sweep admitted what the counters refuse' using errcode = 'LG500';
    end if;
end $$;
