-- At most 30 s until a row that is due is woken again (10 s at first). It was up to 5 min, by the time that it had waited:
-- after an outage of a minute, a wake-up that was lost with the broker or the hub cost two minutes more.
create or replace function hub_next_wake(p_due_at timestamptz) returns timestamptz language sql stable
  as $$ select now() + least(greatest(now() - p_due_at, interval '10 seconds'), interval '30 seconds') $$;
