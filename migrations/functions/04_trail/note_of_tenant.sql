-- note_of_tenant: an event of the tenant itself (its configuration, its agents, a pause), as a batch of its own.
-- Callers: record_version, suspend, pause, delete_consumer and their like. Locks: the tenant's row in heads. Cost: as a
-- batch of one.
-- SQLSTATE: 40001 midnight passed while it waited: run it again.
create or replace function note_of_tenant(
    p_tenant uuid, p_at timestamptz, p_type text, p_actor text, p_credential text, p_via text, p_version int,
    p_facts jsonb)
returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_batch uuid := new_batch_id(p_at);
    v_happened happened;
begin
    v_happened.type := p_type;
    v_happened.actor := p_actor;
    v_happened.credential := p_credential;
    v_happened.via := p_via;
    v_happened.version := p_version;
    v_happened.facts := p_facts;
    perform close_batch(p_tenant, v_batch, p_at, append(p_tenant, v_batch, p_at, array[v_happened]));
end $$;
