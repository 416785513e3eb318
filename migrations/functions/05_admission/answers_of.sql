-- answers_of: the answers of a batch, one per element. What was approved now comes with all that its requester is told of
-- it, so that nobody needs to read it back; everything else with its reasons.
-- Promises: a replay repeats the first answer, whatever became of the gesture since.
-- Callers: admit_once. Locks: none. Cost: a row for what was approved; a look-up per replay.
create or replace function answers_of(p_tenant uuid, p_at timestamptz, m matched[], p_out text[], p_why jsonb[])
returns table (
    ord int, outcome text, reasons jsonb, replayed boolean, decided_at timestamptz, configuration_version int,
    budget_id text, terms_digest bytea, time_zone text, channel text)
language plpgsql volatile
as $$
#variable_conflict error
declare
    v_zone text;
begin
    if exists (select from unnest(m) x where x.known is not null) then
        perform wait_for_standbys();
    end if;
    select t.time_zone into v_zone from tenants t where t.tenant_id = p_tenant;
    return query
        select
            x.ord,
            case
                when x.known = 'FIRST_ANSWER' then outcome_of(f.type)
                when x.known is not null then x.known
                when x.faults is not null then 'INVALID'
                else outcome_of(p_out[x.ord])
            end,
            case
                when x.known is not null then f.facts::jsonb -> 'reasons'
                when x.faults is not null then explain_faults(p_tenant, x)
                else p_why[x.ord]
            end,
            x.known is not distinct from 'FIRST_ANSWER',
            p_at, x.version, x.budget_id, x.terms, v_zone, x.channel
        from unnest(m) x
        left join lateral (
            select e.type, e.facts
            from events e
            where x.known = 'FIRST_ANSWER' and e.tenant_id = p_tenant and e.gesture_id = x.id and e.seq = 1
            union all
            select e.type, e.facts
            from archived_events e
            where x.known = 'FIRST_ANSWER' and e.tenant_id = p_tenant and e.gesture_id = x.id and e.seq = 1
            limit 1) f on true
        order by x.ord;
end $$;
