-- Lets a paused run's tasks be claimed again and gives each that is ready a new ticket.
with freed as (
  update tasks as task set
    held = false,
    dispatch = task.dispatch + (task.state = 'pending')::int,
    bundle = null,
    dispatched_at = case when task.state = 'pending' then greatest(now(), task.due_at) else task.dispatched_at end
  where task.run_id = $1 and task.held
  returning task.*
),
told as (
  insert into outbox (task_id, stage, visit, dispatch, not_before)
  select id, stage, visit, dispatch, due_at from freed where state = 'pending'
  returning id, task_id, stage, visit, dispatch, not_before
)
select id as outbox_id, task_id, stage, visit, dispatch, null as bundle from told where not_before <= now()
