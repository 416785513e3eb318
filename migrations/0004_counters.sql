-- Counters: how much of each limit has been used, by whom, in which window. The rows that nobody may overdraw.
--
-- Why a counter stores its own ceiling: the CHECK then holds at every moment and for every writer, whatever the
-- configuration says by now. Lowering a limit touches no counter; it only refuses the next increase, and never a
-- release.

create table counters (
    tenant_id uuid not null,
    limit_id int not null,
    subject text collate "C" not null,                  -- agent, agent ' ' customer, customer, case, or ''
    window_on date not null,                            -- the window's first local day; -infinity: EVER
    held_minor bigint not null,                         -- promised: the open holds
    captured_minor bigint not null default 0,           -- spent
    used_count int not null,                            -- gestures that hold or have captured
    -- the highest maximum under which the last increase was admitted; releases and captures leave both alone
    ceiling_minor bigint not null,
    ceiling_count int not null,
    primary key (tenant_id, limit_id, subject, window_on),
    constraint counters_never_negative check (held_minor >= 0 and captured_minor >= 0 and used_count >= 0),
    constraint counters_within_ceiling check (
        held_minor + captured_minor <= ceiling_minor and used_count <= ceiling_count)
) with (fillfactor = 50);                               -- a hot counter is updated by every batch, on its page
