-- Gives tasks whose ticket is gone a new one, if nothing has happened to them since they were looked at.
with lost as (
  select * from json_to_recordset($1) as lost (task_id uuid, seq int, dispatch int, bundle uuid)
),
renewed as (
  update tasks as task set dispatch = task.dispatch + 1, dispatched_at = now(), bundle = lost.bundle
  from lost
  where task.id = lost.task_id and task.seq = lost.seq and task.dispatch = lost.dispatch
    and task.state = 'pending' and not task.held
  returning task.*
),
told as (
  insert into outbox (task_id, stage, visit, dispatch, bundle)
  select id, stage, visit, dispatch, bundle from renewed
  returning id, task_id, stage, visit, dispatch, bundle
)
select id as outbox_id, task_id, stage, visit, dispatch, bundle from told
