-- Something else of the project, if there is any among the newest: what struck before that does not count. Where a fault is
-- common, this spares most of the looks at tasks below.
other as materialized (
  select newest.ended_at
  from (select * from recent where fault_fingerprint is distinct from $3 limit 500) as newest
  cross join lateral (select project_id from tasks where tasks.id = newest.task_id limit 1) as task
  where task.project_id = $1
  limit 1
),
-- The tasks that it struck, each at its last time.
struck as materialized (
  select distinct on (recent.task_id) recent.task_id, recent.ended_at, recent.id
  from recent
  cross join lateral (select project_id from tasks where tasks.id = recent.task_id limit 1) as task
  where recent.fault_fingerprint = $3 and task.project_id = $1
    and recent.ended_at >= coalesce((select ended_at from other), '-infinity')
    -- Many may fail before they hear of the pause.
    and not exists (select from stage_pauses where project_id = $1 and stage = $2)
  order by recent.task_id, recent.ended_at desc, recent.id desc
),
-- The last of so many, if there are so many: nothing else of the project may have ended since.
since as materialized (
  select ended_at, id from struck order by ended_at desc, id desc offset $4::int - 1 limit 1
)
insert into stage_pauses (project_id, stage, reason, fault_fingerprint, paused_by)
select $1, $2, $5, $3, 'baton'
from since
where not exists (
  select
  from recent
  cross join lateral (select project_id from tasks where tasks.id = recent.task_id limit 1) as task
  where recent.fault_fingerprint is distinct from $3 and task.project_id = $1
    -- Asked for as single values, these are known before anything is looked at, and compared before a task is.
    and exists (select from since)
    and (recent.ended_at, recent.id) > ((select ended_at from since), (select id from since))
)
on conflict (project_id, stage) do nothing
returning stage
