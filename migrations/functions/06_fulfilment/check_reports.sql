-- check_reports: a batch of reports can be one at all. Callers: report. Pure. SQLSTATE: LG400 malformed.
create or replace function check_reports(p_said reported[]) returns void
language plpgsql immutable
as $$
#variable_conflict error
declare
    v_n int := coalesce(cardinality(p_said), 0);
begin
    if v_n not between 1 and 512 or (select count(distinct r.id) from unnest(p_said) r) <> v_n then
        raise 'a batch has 1 to 512 ids, each once' using errcode = 'LG400';
    end if;
    if exists (
        select from unnest(p_said) r
        where (r.token >= 1
            and coalesce(isfinite(r.at), true)
            and coalesce(r.cost between 0 and 1000000000000, true)
            and (r.cost is null) = (r.currency is null)
            and octet_length(coalesce(r.reference, '')) <= 1024
            and case r.type
                when 'DISPATCHED' then r.cost is null and r.failure is null and r.reference is not null
                when 'DELIVERED' then r.cost is not null and r.failure is null
                when 'FAILED' then is_id(r.failure) and r.reference is null
                when 'TRY_FAILED' then r.cost is null and is_id(r.failure) and r.reference is null
            end) is not true) then
        raise 'a report says under which token, and what its kind demands' using errcode = 'LG400';
    end if;
    perform check_caller(r.actor, r.credential, r.via) from unnest(p_said) r;
end $$;
