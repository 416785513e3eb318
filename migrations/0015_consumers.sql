-- Consumers: who follows the trail under a name, how far they have come, and what they could not take.
--
-- Why a position and not a row per event: (batch_no, ordinal) is gapless and in commit order, so one pair of numbers says
-- of every event whether it was taken. Why leases: two programs of one name would deliver side by side, and the slower one
-- could bring an event to a sink after a later one of the same gesture. No sink is known here: only that some events could
-- not be taken, and why, in a word.

-- A follower of the trail.
create table consumers (
    tenant_id uuid not null,
    consumer text collate "C" not null,                 -- its name, which it chose
    created_at timestamptz not null,
    -- up to here everything was taken; 0, 0: nothing yet
    batch_no bigint not null,
    ordinal int not null,
    acked_at timestamptz,                               -- when it last went forward; null: never
    -- who is at it, where it is taken in turns
    lease bigint not null default 0,                    -- counts the leases: whoever shows an older number comes too late
    holder text collate "C",                            -- null: nobody
    leased_until timestamptz,
    -- what last kept it from going on
    failure text collate "C",
    failed_at timestamptz,
    constraint consumers_stand_in_the_trail check (batch_no >= 0 and ordinal >= 0),
    constraint consumers_are_held_for_a_time check ((holder is null) = (leased_until is null)),
    constraint consumers_fail_in_a_word check (failure ~ '^[A-Z][A-Z_]{0,63}$' and failed_at is not null or failure is null)
) with (fillfactor = 70);
alter table consumers add constraint consumers_have_one_name primary key (tenant_id, consumer);

-- The events that a consumer set aside: refused by whoever it brings them to, or behind such a one of the same gesture.
create table set_aside (
    tenant_id uuid not null,
    consumer text collate "C" not null,
    batch_no bigint not null,
    ordinal int not null,
    gesture_id uuid,                                    -- null: an event of the tenant
    why text collate "C" not null,                      -- a word; never what a sink answered
    tries int not null,                                 -- how often it was brought; 0: never, an earlier one was in the way
    set_aside_at timestamptz not null,
    is_to_be_retried boolean not null default false,    -- somebody asked for it
    constraint set_aside_for_a_reason check (why ~ '^[A-Z][A-Z_]{0,63}$' and tries >= 0)
);
alter table set_aside add constraint set_aside_once primary key (tenant_id, consumer, batch_no, ordinal);
