-- answering: in whose authority an actor may answer a question, of those who are asked: the one that is named, else their
-- own, else what is lent to them, else the pool's. Who may not learns why, and nothing more: NOT_ASKED, NOT_LENT,
-- OWN_REQUEST, INACTIVE. p_is_open false: they were asked, and are not any more. What is lent for some kinds is lent for no
-- others, for a no as little as for a yes (NOT_LENT, and p_in says by whom).
-- Nobody answers about their own request, whichever of their accounts asked, and through whatever door: neither the actor
-- nor the authority may be the requester's person.
-- Callers: decide, reassign, review, with the gesture locked. Locks: none. Cost: a look-up per authority.
create or replace function answering(
    p_tenant uuid, p_at timestamptz, p_id uuid, p_requester text, p_actor text, p_authority text,
    out p_refusal text, out p_in text, out p_how text, out p_asked_at timestamptz, out p_is_open boolean)
language plpgsql stable
as $$
#variable_conflict error
declare
    v_requester agents;
    v_actor agents;
    v_in agents;
    v_kind text;
    v_is_lent boolean;
begin
    select x.* into v_requester from agents x where x.tenant_id = p_tenant and x.agent_id = p_requester;
    select x.* into v_actor from agents x where x.tenant_id = p_tenant and x.agent_id = p_actor;
    if v_actor.person_id = v_requester.person_id or p_authority = p_requester then
        p_refusal := 'OWN_REQUEST';
        return;
    end if;

    select g.kind into v_kind from gestures g where g.tenant_id = p_tenant and g.gesture_id = p_id;
    select h.authority, h.how, a.asked_at, a.closed_at is null, coalesce(v_kind = any (h.kinds), true)
    into p_in, p_how, p_asked_at, p_is_open, v_is_lent
    from authorities_of(p_tenant, p_actor, p_at) h
    join asks a on a.tenant_id = p_tenant and a.gesture_id = p_id and a.agent_id = h.authority
    where p_authority is null or h.authority = p_authority
    order by coalesce(v_kind = any (h.kinds), true) desc, a.closed_at is null desc,
        case h.how when 'OWN' then 1 when 'DELEGATE' then 2 else 3 end,
        h.authority collate "C"
    limit 1;
    if p_in is null then
        p_refusal := case
            when p_authority <> p_actor and exists (
                select from asks a
                where a.tenant_id = p_tenant and a.gesture_id = p_id and a.agent_id = p_authority) then 'NOT_LENT'
            else 'NOT_ASKED'
        end;
        return;
    end if;
    if not v_is_lent then
        p_refusal := 'NOT_LENT';
        return;
    end if;
    select x.* into v_in from agents x where x.tenant_id = p_tenant and x.agent_id = p_in;
    p_refusal := case
        when v_in.person_id = v_requester.person_id then 'OWN_REQUEST'
        when (v_actor.is_active and v_in.is_active) is not true then 'INACTIVE'
    end;
end $$;
