-- check_calendar: working hours are seven lists of times of the day, each in order and apart; and somewhere in the week
-- somebody works, since a clock of working time would stand still for ever otherwise. A null calendar breaks no rule.
-- Callers: put_routing. Pure. SQLSTATE: LG422.
create or replace function check_calendar(p_calendar jsonb) returns void
language plpgsql immutable
as $$
#variable_conflict error
declare
    v_time text := '^([01][0-9]|2[0-3]):[0-5][0-9]$';
    v_span record;
    v_open int := 0;
begin
    if p_calendar is null then
        return;
    end if;
    for v_span in
        select
            d.day, s.place, s.said ->> 0 opens, s.said ->> 1 closes,
            jsonb_array_length(s.said) = 2 is_pair,
            lag(s.said ->> 1) over (partition by d.day order by s.place) closed
        from jsonb_array_elements(p_calendar -> 'working_hours') with ordinality d (spans, day)
        cross join lateral jsonb_array_elements(d.spans) with ordinality s (said, place)
        order by d.day, s.place
    loop
        v_open := v_open + 1;
        perform refuse_document(format(
            'calendar: day %s, hours %s are no two times of the day in order', v_span.day, v_span.place))
        where (v_span.is_pair
            and v_span.opens ~ v_time
            and (v_span.closes ~ v_time or v_span.closes = '24:00')
            and v_span.opens collate "C" < v_span.closes) is not true;
        perform refuse_document(format(
            'calendar: day %s, hours %s begin before those in front of them end', v_span.day, v_span.place))
        where v_span.opens collate "C" < v_span.closed;
    end loop;
    perform refuse_document(case when v_open = 0 then 'calendar: on no day of the week does anybody work' end);
end $$;
