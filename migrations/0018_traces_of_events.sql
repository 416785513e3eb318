-- In which trace an event came about, so that whoever holds a gesture's id finds what was measured of every step of it: days
-- later, when no backend of traces finds it by anything else, or keeps it any more.
--
-- Why it is not sealed with the event: it says nothing of what happened. A trail is as true without it.

alter table events
    add column trace text collate "C",                  -- W3C traceparent of the call or the timer; null: none was made
    add constraint events_came_about_in_a_trace check (trace ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$');
alter table archived_events
    add column trace text collate "C";
