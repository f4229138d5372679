-- What holds for the claims of pulling agents and of whoever accepts a handoff: a budget not used up, a stage not paused, a credential with quota left, nobody's own work, and
-- room in a project that has a limit, which is only certain under a lock that the caller has taken ($2).
-- Claims of tickets ask the same once for each run (open_run in claim-tickets.sql), and ready.sql, depth.sql, overdue.ts,
-- next-in-room.sql, withheld.sql and nothing.sql tell it: a new rule goes into all of them.
allowed as (
  select ready.*, task.seq as seen_seq, limits.minutes, least(ready.lease_ms, limits.minutes * 60000) as granted_ms,
    coalesce(ready.credential, project.settings ->> 'credential') as pays_with
  from ready
  join tasks as task on task.id = ready.task_id
  join runs as run on run.id = task.run_id
  join projects as project on project.id = task.project_id
  cross join lateral (
    select coalesce((project.settings -> 'max_lease_minutes' ->> task.stage)::int, 480) as minutes
  ) as limits
  where not run.over_budget
    and (
      task.stage not in ('qa', 'sec') or project.settings ->> 'separation' = 'off'
      or task.dev_agent is distinct from ready.agent_id
    )
    and not exists (select from stage_pauses as pause where pause.project_id = project.id and pause.stage = task.stage)
    and not exists (
      select from circuits as circuit
      where circuit.workspace_id = task.workspace_id and circuit.until > now()
        and circuit.credential = coalesce(ready.credential, project.settings ->> 'credential')
    )
    and (project.capacity is null or ($2 and has_room(project.id, task.stage, project.capacity)))
),
