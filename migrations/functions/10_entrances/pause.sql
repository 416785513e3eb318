-- pause: nothing is given from now on, in the tenant, of a kind, or through a channel; or it is again. Returns
-- whether that changed anything. A pause outlives the configuration; one whose kind or channel has gone can still
-- be lifted.
-- Promises: once it has answered, nothing more is approved that it stops. What was approved stays approved.
-- Callers: largesse_app, for a caller who may. Locks, in this order: configuration (exclusive) -> the row in heads.
-- Cost: as a batch of one, while the tenant's batches wait.
-- SQLSTATE: LG400 malformed, LG404 no such tenant, kind or channel, 40001 run it again.
create or replace function pause(
    p_tenant uuid, p_actor text, p_credential text, p_via text, p_scope text, p_name text, p_is_paused boolean)
returns boolean
language plpgsql volatile security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_name text := coalesce(p_name, '');
    v_is_paused boolean;
begin
    perform check_caller(p_actor, p_credential, p_via);
    if p_is_paused is null
        or p_scope is null
        or p_scope not in ('TENANT', 'KIND', 'CHANNEL')
        or (p_scope = 'TENANT') <> (v_name = '') then
        raise 'pause or resume the TENANT, or a KIND or a CHANNEL by name' using errcode = 'LG400';
    end if;
    perform hold_configuration(p_tenant);
    perform tenant_in_force(p_tenant);
    v_is_paused := exists (
        select from pauses p where p.tenant_id = p_tenant and p.scope = p_scope and p.name = v_name);
    if not v_is_paused and p_scope <> 'TENANT' and not exists (
        select from catalog_items i
        where i.tenant_id = p_tenant and v_name = case p_scope when 'KIND' then i.kind else i.channel end) then
        raise 'no % is called %', lower(p_scope), v_name using errcode = 'LG404';
    end if;
    if v_is_paused = p_is_paused then
        return false;
    end if;

    if p_is_paused then
        insert into pauses (tenant_id, scope, name) values (p_tenant, p_scope, v_name);
    else
        delete from pauses p where p.tenant_id = p_tenant and p.scope = p_scope and p.name = v_name;
    end if;
    perform note_of_tenant(
        p_tenant, largesse.now(), case when p_is_paused then 'GIVING_PAUSED' else 'GIVING_RESUMED' end, p_actor,
        p_credential, p_via, (tenant_in_force(p_tenant)).configuration_version,
        jsonb_build_object('scope', p_scope, 'name', v_name));
    return true;
end $$;
