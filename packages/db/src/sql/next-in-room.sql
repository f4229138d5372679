-- A ready task of a project's stage ($1, $2) that hosted workers may have, where the project has room for it: the best of its
-- oldest run that has one. Which of them it is matters little, since its ticket is given the best there is.
-- By jumping along the index from run to run, beginning before the first: see claim-best.sql. Only so far: the reconciler finds
-- what is left out.
with recursive project as (
  select id, workspace_id
  from projects
  where id = $1 and $2 = any (hosted) and has_room(id, $2, capacity)
    and not exists (select from stage_pauses as pause where pause.project_id = projects.id and pause.stage = $2)
    and not exists (
      select from circuits as circuit
      where circuit.workspace_id = projects.workspace_id and circuit.credential = projects.settings ->> 'credential'
        and circuit.until > now()
    )
),
ready_run as (
  select project.id as project_id, project.workspace_id, '00000000-0000-0000-0000-000000000000'::uuid as run_id, null::uuid as task_id,
    0 as looked_at
  from project
  union all
  select ready_run.project_id, ready_run.workspace_id, next.run_id, best.id, ready_run.looked_at + 1
  from ready_run
  cross join lateral (
    select task.run_id
    from tasks as task
    where (task.workspace_id, task.stage, task.run_id) > (ready_run.workspace_id, $2, ready_run.run_id)
      and (task.workspace_id, task.stage) <= (ready_run.workspace_id, $2)
      and task.state = 'pending' and not task.held
    order by task.workspace_id, task.stage, task.run_id
    limit 1
  ) as next
  left join lateral (
    select task.id
    -- Found by its id: a limit keeps the planner from beginning with all runs there are.
    from (select id, project_id, triggered, over_budget from runs where runs.id = next.run_id limit 1) as run
    cross join lateral (
      select task.id
      from tasks as task
      where (task.workspace_id, task.stage, task.run_id) >= (ready_run.workspace_id, $2, run.id)
        and (task.workspace_id, task.stage, task.run_id) <= (ready_run.workspace_id, $2, run.id)
        and task.state = 'pending' and not task.held and task.due_at <= now() + interval '0.5 ms'
      order by task.workspace_id, task.stage, task.run_id, task.priority desc, task.id
      limit 1
    ) as task
    where run.project_id = ready_run.project_id and $2 = any (run.triggered) and not run.over_budget
  ) as best on true
  where ready_run.task_id is null and ready_run.looked_at < 1000
)
select task.id, task.seq, task.dispatch
from ready_run
cross join lateral (select id, seq, dispatch from tasks where tasks.id = ready_run.task_id limit 1) as task
where ready_run.task_id is not null
