-- Ready tasks of a workspace ($1), of a run ($2) or stage ($3) if asked, in the order in which they would be claimed: each
-- run's next ones, as many as are shown ($4), take their place by priority, share and age. Those of a project at its limit are
-- among them: their turn comes when it has room.
select task.id
from (
  select distinct run_id, stage
  from tasks
  where workspace_id = $1 and state = 'pending' and not held
    and ($2::uuid is null or run_id = $2) and ($3::text is null or stage = $3)
) as waiting
join runs as run on run.id = waiting.run_id and not run.over_budget
join projects as project on project.id = run.project_id
cross join lateral (
  select count(*) as leases from tasks
  where tasks.project_id = run.project_id and tasks.run_id = run.id and tasks.state = 'running'
) as held
cross join lateral (
  select id, priority, row_number() over (order by priority desc, id) as place
  from (
    select id, priority
    from tasks
    where (workspace_id, stage, run_id) >= ($1, waiting.stage, waiting.run_id)
      and (workspace_id, stage, run_id) <= ($1, waiting.stage, waiting.run_id)
      and state = 'pending' and not held and due_at <= now() + interval '0.5 ms'
    order by workspace_id, stage, run_id, priority desc, id
    limit $4
  ) as next
) as task
where not exists (select from stage_pauses as pause where pause.project_id = project.id and pause.stage = waiting.stage)
  and not exists (
    select from circuits as circuit
    where circuit.workspace_id = $1 and circuit.credential = project.settings ->> 'credential' and circuit.until > now()
  )
order by task.priority desc, (held.leases + task.place) / run.weight::float8, task.id
limit $4
