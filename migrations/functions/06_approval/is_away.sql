-- is_away: whether an agent is away at an instant. Callers: candidates_of, able_delegate. Locks: none. Cost: a look-up.
create or replace function is_away(p_tenant uuid, p_agent text, p_at timestamptz) returns boolean
language plpgsql stable
as $$
#variable_conflict error
begin
    return exists (
        select from absences b
        where b.tenant_id = p_tenant and b.agent_id = p_agent and b.away_from <= p_at and p_at < b.away_until);
end $$;
