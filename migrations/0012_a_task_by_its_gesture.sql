-- The key of tasks is made anew, to be the youngest index.
--
-- Why: on a table that was never analysed the planner finds all indexes equally cheap and takes the youngest. That was the
-- one by channel, so a cancellation read every task that the tenant had, to delete its own.

alter table tasks drop constraint tasks_pkey;
alter table tasks add constraint tasks_are_one_per_gesture primary key (tenant_id, gesture_id);
