-- Why there was nothing for an agent with this credential ($3) in these stages ($2) of the workspace ($1), and whether
-- it has its lease already, under this claim_id ($4). What is ready all
-- the same was in the hands of somebody who let go of it, or is of a project with a limit, or the agent's own work.
with ready as materialized (
  select distinct task.project_id, task.run_id, task.stage
  from unnest($2::text[]) as wanted (stage)
  join tasks as task on task.workspace_id = $1 and task.stage = wanted.stage and task.state = 'pending' and not task.held
    and task.due_at <= now() + interval '0.5 ms'
  limit 1000
)
select
  exists (select from ready) as ready,
  exists (select from attempts where workspace_id = $1 and claim_id = $4) as claimed,
  exists (
    select from circuits as circuit
    where circuit.workspace_id = $1 and circuit.until > now() and (
      circuit.credential = $3 or $3 is null and exists (
        select from ready join projects as project on project.id = ready.project_id
        where project.settings ->> 'credential' = circuit.credential
      )
    )
  ) as quota,
  exists (select from ready join runs as run on run.id = ready.run_id where run.over_budget) as budget,
  exists (
    select from ready join projects as project on project.id = ready.project_id where project.capacity is not null
  ) as limited,
  exists (
    select from ready join projects as project on project.id = ready.project_id
    where project.capacity is not null and not has_room(project.id, ready.stage, project.capacity)
  ) as "full",
  exists (
    select from ready join stage_pauses as pause on pause.project_id = ready.project_id and pause.stage = ready.stage
  ) or exists (
    select from tasks as task
    where task.workspace_id = $1 and task.state = 'pending' and task.held and task.stage = any ($2::text[])
  ) as paused
