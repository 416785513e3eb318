-- happen: one more event in a gesture's life: the row moves on to it, the trail gets it, and the batch is sealed.
-- p_is_change: it changed the gesture itself, so the etag moves with it. Returns the event's number.
-- Callers: decide, revise, reassign, review, lapse, decline_unanswerable, as their last step. Locks: the tenant's
-- row in heads. Cost: as a batch of one. SQLSTATE: 40001 midnight passed while it waited.
create or replace function happen(
    p_tenant uuid, p_at timestamptz, p_id uuid, p_type text, p_state text, p_actor text, p_authority text,
    p_credential text, p_via text, p_sealed bytea, p_amount bigint, p_facts jsonb, p_is_change boolean) returns int
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_batch uuid := new_batch_id(p_at);
    v_happened happened;
    g gestures;
begin
    update gestures x
    set state = p_state,
        seq = x.seq + 1,
        etag = case when p_is_change then x.seq + 1 else x.etag end,
        updated_at = case when p_is_change then p_at else x.updated_at end
    where x.tenant_id = p_tenant and x.gesture_id = p_id
    returning x.* into g;
    v_happened.gesture_id := p_id;
    v_happened.seq := g.seq;
    v_happened.type := p_type;
    v_happened.state := p_state;
    v_happened.actor := p_actor;
    v_happened.authority := p_authority;
    v_happened.credential := p_credential;
    v_happened.via := p_via;
    v_happened.version := (tenant_in_force(p_tenant)).configuration_version;
    v_happened.amount := coalesce(p_amount, g.amount_minor);
    v_happened.terms := g.terms_digest;
    v_happened.sealed := p_sealed;
    v_happened.facts := p_facts;
    perform close_batch(p_tenant, v_batch, p_at, append(p_tenant, v_batch, p_at, array[v_happened]));
    return g.seq;
end $$;
