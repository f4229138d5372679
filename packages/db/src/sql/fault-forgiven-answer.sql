forgiven as materialized (
  select recent.id
  from over
  join recent on recent.fault_fingerprint = over.fault_fingerprint
  cross join lateral (select project_id from tasks where tasks.id = recent.task_id limit 1) as task
  where task.project_id = $1
)
update attempts set fault_fingerprint = null from forgiven where attempts.id = forgiven.id
