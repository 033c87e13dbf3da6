-- No turn of the conversation begins before this: its contact wrote more than is answered as it comes, or so much waits that
-- it is answered in parts. In the past, or null: nothing is held.
alter table conversations add column held_until timestamptz;
