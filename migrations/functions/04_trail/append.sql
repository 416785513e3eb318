-- append: the only writer of events. Gives each its place (batch, ordinal) and its hash, keeps what is sealed
-- beside it, and returns the hashes in order, for close_batch.
-- Callers: write_outcomes, settle, ask, resolve, note_of_tenant. Locks: none but its own new rows. Cost: some 15 µs per
-- event.
-- SQLSTATE: 23505 somebody else wrote this gesture's next event: impossible while the gesture's row is locked.
create or replace function append(p_tenant uuid, p_batch uuid, p_at timestamptz, p_happened happened[]) returns bytea
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_at_us bigint := extract(epoch from p_at) * 1000000;
    v_role text := session_user;
    v_address text := coalesce(host(inet_client_addr()), 'local');
    v_traces jsonb := nullif(current_setting('largesse.traces', true), '')::jsonb;    -- what traced() remembers
    v_hashes bytea;
begin
    with noted as (
        insert into events (
            tenant_id, batch_id, ordinal, gesture_id, seq, type, state, actor, authority, credential_id, via,
            session_role, session_address, at, configuration_version, amount_minor, terms_digest, sealed_hash,
            facts, hash, trace)
        select
            p_tenant, p_batch, h.ordinal, h.gesture_id, h.seq, h.type, h.state, h.actor, h.authority, h.credential,
            h.via, v_role, v_address, p_at, h.version, h.amount, h.terms, s.hash, h.facts::json,
            event_hash(
                p_tenant, h.gesture_id, h.seq, h.type, h.state, h.actor, h.authority, h.credential, h.via, v_role,
                v_address, v_at_us, h.version, h.amount, h.terms, s.hash, h.facts::text),
            coalesce(v_traces ->> h.gesture_id::text, v_traces ->> '')
        from unnest(p_happened) with ordinality h (
            gesture_id, seq, type, state, actor, authority, credential, via, version, amount, terms, sealed, facts,
            ordinal)
        cross join lateral (select sha256(h.sealed)) s (hash)
        returning ordinal, hash)
    select string_agg(n.hash, ''::bytea order by n.ordinal) into v_hashes from noted n;

    insert into personal (tenant_id, gesture_id, seq, sealed)
    select p_tenant, h.gesture_id, h.seq, h.sealed
    from unnest(p_happened) h
    where h.sealed is not null;

    return v_hashes;
end $$;
