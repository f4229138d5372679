-- What keeps a ready task ($1) from being given out: to anybody, and to the agent $2 that pays with $3 (null: nobody in particular).
select
  task.held, run.state as run_state, run.over_budget, run.budget_usd,
  task.stage = any (project.hosted) and not task.stage = any (run.triggered) as untriggered,
  pause.paused_by, pause.reason as pause_reason,
  circuit.credential, circuit.until,
  project.capacity is not null and not has_room(project.id, task.stage, project.capacity) as full,
  coalesce(
    task.stage in ('qa', 'sec') and project.settings ->> 'separation' is distinct from 'off' and task.dev_agent = $2, false
  ) as own_work
from tasks as task
join runs as run on run.id = task.run_id
join projects as project on project.id = task.project_id
left join stage_pauses as pause on pause.project_id = project.id and pause.stage = task.stage
left join circuits as circuit on circuit.workspace_id = task.workspace_id and circuit.until > now()
  and circuit.credential = coalesce($3, project.settings ->> 'credential')
where task.id = $1 and task.state = 'pending'
