-- Fulfilment tasks: the work that makes an approved gesture real.
--
-- Why they are written by admission: an approved gesture without its task would be a promise that nobody keeps.

create table tasks (
    tenant_id uuid not null,
    gesture_id uuid not null,
    channel text collate "C" not null,                  -- who does it
    ready_at timestamptz not null,                      -- not before
    primary key (tenant_id, gesture_id)
);

create index tasks_of_a_channel on tasks (tenant_id, channel, ready_at);
