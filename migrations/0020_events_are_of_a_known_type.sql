-- Looks whether every event is of a type that 0019 knows, while others read and write.

alter table events validate constraint events_are_of_a_known_type;
