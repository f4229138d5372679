-- How many packets of some stages ($2) the tasks of a run ($1) have left, if the run is past those stages: none of its tasks
-- stands at one of the places up to there ($3). Counted and asked in one look, so that the two belong together.
select count(*)::int as packets
from tasks as task
join handoff_packets as packet on packet.task_id = task.id and packet.phase = any ($2::text[])
where task.run_id = $1
  and exists (select from tasks as member where member.run_id = $1 and member.state <> 'cancelled')
  and not exists (
    select from tasks as behind
    where behind.run_id = $1 and behind.state <> 'cancelled' and behind.stage = any ($3::text[])
  )
