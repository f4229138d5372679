-- Claims the best ready task of the asked stages for a pulling agent: priority first, then the run that holds the fewest
-- leases for its weight, so that no run starves the others, then age. Stored times are rounded to the millisecond.
with recursive asked as materialized (
  select asked.*
  from json_to_recordset($1) as asked (
    i int, workspace_id uuid, stages text[], lease_id uuid, claim_id text, lease_ms int, token_id uuid,
    agent_id text, agent_kind text, agent_model text, agent_version text, credential text
  )
  -- Claims under one claim_id go one after the other: each sees afterwards what became of the one before.
  cross join lateral (select pg_advisory_xact_lock(hashtextextended(asked.workspace_id || asked.claim_id, 0))) as turn
  -- Who waits for long may not be let in any more.
  where not exists (select from api_tokens where id = asked.token_id and revoked_at is not null)
),
-- Runs with ready tasks, by jumping along the index from one to the next, beginning before the first: the oldest that have
-- something for this agent, and of those as many as anybody has. Those that have nothing for it do not count. What is ready
-- is asked for by whole rows of the index tasks_ready, and in its order: see the claim of tickets.
ready_run as (
  select asked.workspace_id, wanted.stage, '00000000-0000-0000-0000-000000000000'::uuid as run_id,
    null::uuid as task_id, null::smallint as priority, null::numeric as share, null::text as agent_id,
    0 as n, 0 as looked_at
  from asked cross join lateral unnest(asked.stages) as wanted (stage)
  union all
  select ready_run.workspace_id, ready_run.stage, next.run_id, best.id, best.priority, best.share, best.agent_id,
    ready_run.n + (best.id is not null)::int, ready_run.looked_at + 1
  from ready_run
  cross join lateral (
    select task.run_id
    from tasks as task
    where (task.workspace_id, task.stage, task.run_id) > (ready_run.workspace_id, ready_run.stage, ready_run.run_id)
      and (task.workspace_id, task.stage) <= (ready_run.workspace_id, ready_run.stage)
      and task.state = 'pending' and not task.held
    order by task.workspace_id, task.stage, task.run_id
    limit 1
  ) as next
  left join lateral (
    select best.id, best.priority, (held.leases + 1.0) / run.weight as share, own.agent_id
    -- Found by their ids, one by one: a limit keeps the planner from beginning with all runs there are.
    from (select id, project_id, weight, over_budget from runs where runs.id = next.run_id limit 1) as run
    cross join lateral (
      select id, settings, capacity from projects where projects.id = run.project_id limit 1
    ) as project
    -- Whose work this agent may not take: its own. Nobody's is null.
    cross join lateral (
      select case when ready_run.stage in ('qa', 'sec') and project.settings ->> 'separation' is distinct from 'off'
        then asked.agent_id end as agent_id, coalesce(asked.credential, project.settings ->> 'credential') as credential
      from asked
    ) as own
    cross join lateral (
      select task.priority, task.id
      from tasks as task
      where (task.workspace_id, task.stage, task.run_id) >= (ready_run.workspace_id, ready_run.stage, next.run_id)
        and (task.workspace_id, task.stage, task.run_id) <= (ready_run.workspace_id, ready_run.stage, next.run_id)
        and task.state = 'pending' and not task.held and task.due_at <= now() + interval '0.5 ms'
        and (own.agent_id is null or task.dev_agent is distinct from own.agent_id)
      order by task.workspace_id, task.stage, task.run_id, task.priority desc, task.id
      limit 1
    ) as best
    cross join lateral (
      select count(*) as leases
      from (
        select from tasks
        where tasks.project_id = project.id and tasks.run_id = run.id and tasks.state = 'running'
        limit 1000
      ) as running
    ) as held
    where not run.over_budget
      and not exists (select from stage_pauses as pause where pause.project_id = project.id and pause.stage = ready_run.stage)
      and not exists (
        select from circuits as circuit
        where circuit.workspace_id = ready_run.workspace_id and circuit.credential = own.credential and circuit.until > now()
      )
      and (project.capacity is null or not $2 or has_room(project.id, ready_run.stage, project.capacity))
  ) as best on true
  where ready_run.n < 200 and ready_run.looked_at < 5000
),
ranked as materialized (
  select workspace_id, stage, run_id, agent_id
  from ready_run
  where task_id is not null
  order by priority desc, share, task_id
),
ready as (
  select asked.*, best.id as task_id
  from asked cross join lateral (
    select candidate.id
    from ranked cross join lateral (
      select task.id
      from tasks as task
      where (task.workspace_id, task.stage, task.run_id) >= (ranked.workspace_id, ranked.stage, ranked.run_id)
        and (task.workspace_id, task.stage, task.run_id) <= (ranked.workspace_id, ranked.stage, ranked.run_id)
        and task.state = 'pending' and not task.held and task.due_at <= now() + interval '0.5 ms'
        and (ranked.agent_id is null or task.dev_agent is distinct from ranked.agent_id)
      order by task.workspace_id, task.stage, task.run_id, task.priority desc, task.id
      limit 1
      for no key update skip locked
    ) as candidate
    limit 1
  ) as best
),
