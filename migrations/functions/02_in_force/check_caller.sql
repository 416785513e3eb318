-- check_caller: who calls is an id, and what spoke for them can be recorded. The service checked this before; a
-- call past the service is refused here. Callers: every entrance that takes an actor. Pure. SQLSTATE: LG400
-- malformed.
create or replace function check_caller(p_actor text, p_credential text, p_via text) returns void
language plpgsql immutable
as $$
begin
    if is_id(p_actor) is not true then
        raise 'the actor is not an id' using errcode = 'LG400';
    end if;
    if octet_length(p_credential) > 1024 or octet_length(p_via) > 1024 then
        raise 'a credential id and a carrier have at most 1024 bytes' using errcode = 'LG400';
    end if;
end $$;
