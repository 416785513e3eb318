-- The archive: events that are too old for anybody to follow, moved aside from those that are written and read every day.
--
-- Why a second table and not partitions by time: an event is found by its batch or by its gesture, and no key of events
-- has a time in it. Why whole gestures: a gesture that is not over is changed by what its events say. Nothing is lost: an
-- archived event keeps its hash, its batch and its place, and whoever asks for an old gesture is answered as before.

-- Events as they were written; the columns of events, in the same order.
create table archived_events (like events);
alter table archived_events
    add constraint archived_events_pkey primary key (tenant_id, batch_id, ordinal),
    add constraint archived_events_follow_each_other unique (tenant_id, gesture_id, seq);

-- How far a tenant's trail is archived: up to this batch nobody follows it any more. No row: nothing is.
create table archives (
    tenant_id uuid not null,
    batch_no bigint not null,
    primary key (tenant_id),
    constraint archives_begin_at_the_beginning check (batch_no >= 0)
);
