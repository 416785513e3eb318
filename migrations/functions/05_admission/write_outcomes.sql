-- write_outcomes: what follows from the outcomes of a batch: a task for each approved element, an event and its
-- sealed part for every one. Returns the events' hashes in order, for close_batch.
-- Callers: admit_once, after claim. Locks: its own new rows. Cost: some 20 µs per element.
create or replace function write_outcomes(
    p_tenant uuid, p_batch uuid, p_at timestamptz, m matched[], p_out text[], p_why jsonb[]) returns bytea
language plpgsql volatile
as $$
#variable_conflict error
begin
    insert into tasks (tenant_id, gesture_id, channel, ready_at)
    select p_tenant, r.id, r.channel, p_at
    from unnest(m) r
    where p_out[r.ord] = 'APPROVED';

    return append(p_tenant, p_batch, p_at, array(
        select row (
            r.id, 1, s.state, s.state, r.agent, case when s.state = 'APPROVED' then r.agent end, r.credential, r.via,
            r.version, r.amount, r.terms, r.sealed,
            case when s.state <> 'APPROVED' then jsonb_build_object('reasons', p_why[r.ord]) end)::happened
        from unnest(m) r
        cross join lateral (select p_out[r.ord]) s (state)
        where s.state is not null
        order by r.ord));
end $$;
