-- How runs of features ($1) stand: the first of the places ($2) at which one of their tasks still is, and a number that
-- grows with each step of a task. Both only while there may be steps: a run that is over is not counted through.
select
  run.id, run.workspace_id, run.feature_id, run.name, run.state, run.updated_at,
  case when run.state in ('active', 'paused') then (
    select min(array_position($2::text[], task.stage)) from tasks as task
    where task.run_id = run.id and task.state <> 'cancelled'
  ) end as first_place,
  case when run.state in ('active', 'paused') then (
    select sum(task.seq)::bigint from tasks as task where task.run_id = run.id
  ) end as steps
from unnest($1::uuid[]) as asked (id)
join runs as run on run.id = asked.id
where run.feature_id is not null
