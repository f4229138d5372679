-- Gives tasks whose ticket is gone a new one, if nothing has happened to them since they were looked at.
with lost as (
  select * from json_to_recordset($1) as lost (task_id uuid, seq int, dispatch int, bundle uuid)
),
-- Found by their ids alone and looked at afterwards (the limit of one sees to that): asked for their state as well, the planner
-- may walk an index of all ready tasks. What has moved is not locked, and the others in the order in which everybody does.
ready as materialized (
  select one.task_id, one.bundle
  from (select * from lost order by task_id) as one
  cross join lateral (select id, seq from tasks where tasks.id = one.task_id limit 1) as seen
  cross join lateral (
    select seq, dispatch, state, held from tasks where tasks.id = seen.id limit 1 for no key update
  ) as task
  where seen.seq = one.seq and task.seq = one.seq and task.dispatch = one.dispatch and task.state = 'pending' and not task.held
),
renewed as (
  update tasks as task set dispatch = task.dispatch + 1, dispatched_at = now(), bundle = ready.bundle
  from ready
  where task.id = ready.task_id
  returning task.id, task.stage, task.visit, task.dispatch, task.bundle
),
told as (
  insert into outbox (task_id, stage, visit, dispatch, bundle)
  select id, stage, visit, dispatch, bundle from renewed
  returning id, task_id, stage, visit, dispatch, bundle
)
select id as outbox_id, task_id, stage, visit, dispatch, bundle from told
