-- refuse_document: a document breaks a rule, which is named. A null rule: it breaks none, and nothing happens; so
-- callers can write `perform refuse_document((select 'what is wrong: ' || name from ... limit 1))`.
-- Callers: the checks of apply and put_agents. Pure. SQLSTATE: LG422.
create or replace function refuse_document(p_rule text) returns void
language plpgsql immutable
as $$
begin
    if p_rule is not null then
        raise '%', p_rule using errcode = 'LG422';
    end if;
end $$;
