-- ready: how many tasks of a channel could be leased now, counted no further than p_most.
-- Callers: largesse_app, for all who wait for a channel at once. Locks: none. Cost: a range of one index, as long as the
-- answer.
-- SQLSTATE: LG400 malformed.
create or replace function ready(p_tenant uuid, p_channel text, p_most int) returns int
language plpgsql stable security definer
set search_path = largesse, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
#variable_conflict error
declare
    v_at timestamptz := largesse.now();
begin
    if p_most between 1 and 100000 is not true then
        raise 'counts 1 to 100000 tasks' using errcode = 'LG400';
    end if;
    return (
        select count(*)
        from (
            select from tasks t
            where t.tenant_id = p_tenant and t.channel = p_channel and t.ready_at <= v_at
            order by t.ready_at
            limit p_most) x);
end $$;
