-- record_version: a change of configuration becomes the version in force: the row that keeps it, and the trail's
-- event, which binds both texts by their hashes.
-- Callers: apply, put_agents. Locks: the tenant's row in heads. SQLSTATE: 40001 midnight passed while it waited.
create or replace function record_version(
    p_tenant uuid,
    p_version int,
    p_type text,
    p_actor text,
    p_credential text,
    p_via text,
    p_document jsonb,
    p_source text,
    p_agents_put jsonb,
    p_agents_suspended text[])
returns void
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_at timestamptz := largesse.now();
begin
    update tenants t set configuration_version = p_version where t.tenant_id = p_tenant;
    insert into configurations (tenant_id, version, document, source, agents_changed, applied_by, applied_at)
    values (
        p_tenant, p_version, p_document, p_source,
        case when p_agents_put is not null
            then jsonb_build_object('put', p_agents_put, 'suspended', to_jsonb(p_agents_suspended)) end,
        p_actor, v_at);
    perform note_of_tenant(p_tenant, v_at, p_type, p_actor, p_credential, p_via, p_version, jsonb_build_object(
        'version', p_version,
        'document_sha256', encode(sha256(convert_to(p_document::text, 'UTF8')), 'hex'),
        'source_sha256', encode(sha256(convert_to(p_source, 'UTF8')), 'hex'),
        'agents_put', case when p_agents_put is not null then jsonb_array_length(p_agents_put) end,
        'agents_sha256', encode(sha256(convert_to(p_agents_put::text, 'UTF8')), 'hex'),
        'agents_suspended', to_jsonb(p_agents_suspended)));
end $$;
