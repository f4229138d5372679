-- A ticket means "look": each of these tickets is given the best task that hosted workers may have in its stage and its
-- workspace, in the order in which pulling agents are given theirs: priority first, then the run that holds the fewest leases
-- for its weight, then age. Mostly that is the task it names. A late or double ticket finds another task or nothing.
-- Every time is this server's.
-- What is due is asked of the clock as it is by now. Between this statement's now() and what it sees, a task may be committed
-- that is due at once, but after that now(); and its ticket may have been used up for another, so that nobody looks again.
-- Stored times are rounded to the millisecond.
with recursive by_now as (
  select clock_timestamp() + interval '0.5 ms' as at
),
asked as (
  select * from json_to_recordset($1) as asked (
    i int, task_id uuid, stage text, lease_id uuid, claim_id text, lease_ms int, token_id uuid,
    agent_id text, agent_kind text, agent_model text, agent_version text, credential text, wide boolean
  )
),
-- A ticket that names a task of a project with a limit is answered under the lock alone ($2), where tasks with and without a
-- limit are ranked together: here it would be given another project's for as long as there are any.
named as materialized (
  select asked.*, task.workspace_id, task.run_id, project.capacity is not null and not $2 as limited
  from asked
  cross join lateral (select workspace_id, run_id, project_id from tasks where tasks.id = asked.task_id) as task
  cross join lateral (select capacity from projects where projects.id = task.project_id limit 1) as project
),
-- Tickets with the same choice belong together: place says which, turn counts them.
placed as materialized (
  select numbered.*, row_number() over (partition by numbered.place order by numbered.i) as turn
  from (
    select named.*,
      dense_rank() over (order by named.workspace_id, named.stage, named.agent_id, named.credential) as place
    from named
    where not named.limited
  ) as numbered
),
-- A few more are looked at than are asked for: others may have some of them in their hands.
place as materialized (
  select place as id, workspace_id, stage, agent_id, credential, count(*) as tickets, count(*) * 2 + 20 as enough,
    coalesce(bool_or(wide), false) as wide
  from placed
  group by place, workspace_id, stage, agent_id, credential
),
-- Runs with ready tasks, by jumping along the index from one to the next: the oldest, and of those as many as anybody has.
-- What is ready is asked for by whole rows of the index tasks_ready, and in its order: asked for column by column, the planner
-- may go by a smaller index instead, and look at all open tasks of the run.
ready_run as (
  select place.id as place, place.workspace_id, place.stage, first.run_id, 1 as n
  from place cross join lateral (
    select task.run_id
    from tasks as task
    where (task.workspace_id, task.stage) >= (place.workspace_id, place.stage)
      and (task.workspace_id, task.stage) <= (place.workspace_id, place.stage)
      and task.state = 'pending' and not task.held
    order by task.workspace_id, task.stage, task.run_id
    limit 1
  ) as first
  union all
  select ready_run.place, ready_run.workspace_id, ready_run.stage, next.run_id, ready_run.n + 1
  from ready_run cross join lateral (
    select task.run_id
    from tasks as task
    where (task.workspace_id, task.stage, task.run_id) > (ready_run.workspace_id, ready_run.stage, ready_run.run_id)
      and (task.workspace_id, task.stage) <= (ready_run.workspace_id, ready_run.stage)
      and task.state = 'pending' and not task.held
    order by task.workspace_id, task.stage, task.run_id
    limit 1
  ) as next
  where ready_run.n < 200
),
-- The runs that the tickets name are looked at, however many older ones there are.
looked_at as (
  select found.place, found.run_id, count(*) over (partition by found.place) as runs
  from (
    select place, run_id from ready_run
    union
    select place, run_id from placed
  ) as found
),
-- Those that may be given out, with what they hold already, and whose work the agent may not take: its own. Nobody's is null.
open_run as materialized (
  select
    looked_at.place, place.workspace_id, place.stage, looked_at.run_id, run.weight, held.leases, own.agent_id, own.credential,
    coalesce((project.settings -> 'max_lease_minutes' ->> place.stage)::int, 480) as minutes,
    place.enough, case when place.wide then 0 else count(*) over (partition by looked_at.place) end as sharing
  from looked_at
  join place on place.id = looked_at.place
  -- Found by their ids, one by one: a limit keeps the planner from beginning with all runs there are.
  cross join lateral (
    select project_id, weight, triggered, over_budget from runs where runs.id = looked_at.run_id limit 1
  ) as run
  cross join lateral (
    select id, settings, hosted, capacity from projects where projects.id = run.project_id limit 1
  ) as project
  cross join lateral (
    select case when place.stage in ('qa', 'sec') and project.settings ->> 'separation' is distinct from 'off'
      then place.agent_id end as agent_id,
      coalesce(place.credential, project.settings ->> 'credential') as credential
  ) as own
  cross join lateral (
    select count(*) as leases
    from (
      select from tasks
      -- A run alone has nobody to share with: what it holds is not counted.
      where looked_at.runs > 1
        and tasks.project_id = project.id and tasks.run_id = looked_at.run_id and tasks.state = 'running'
      limit 1000
    ) as running
  ) as held
  where place.stage = any (project.hosted) and place.stage = any (run.triggered) and not run.over_budget
    and not exists (select from stage_pauses as pause where pause.project_id = project.id and pause.stage = place.stage)
    and not exists (
      select from circuits as circuit
      where circuit.workspace_id = place.workspace_id and circuit.credential = own.credential and circuit.until > now()
    )
    and (project.capacity is null or ($2 and has_room(project.id, place.stage, project.capacity)))
),
-- Of each run no more than its share of what is looked at. Behind the last one that was taken of a run others of it may come:
-- certain is what ranks up to the first of these. A wide look takes as many of each run as could be given, and so does one where
-- a single run has any.
ranked as materialized (
  select
    open_run.place, best.id as task_id, best.seq, open_run.agent_id, open_run.credential, open_run.minutes,
    row_number() over in_order as rank,
    best.last, count(*) filter (where best.last) over in_order = 0 as certain
  from open_run
  cross join lateral (
    select case when open_run.sharing > 1 then open_run.enough / open_run.sharing + 3 else open_run.enough end as tasks
  ) as share
  cross join lateral (
    -- Counted as they come.
    select id, priority, seq, row_number() over () as turn, open_run.sharing > 1 and row_number() over () = share.tasks as last
    from (
      select task.id, task.priority, task.seq
      from tasks as task
      where (task.workspace_id, task.stage, task.run_id) >= (open_run.workspace_id, open_run.stage, open_run.run_id)
        and (task.workspace_id, task.stage, task.run_id) <= (open_run.workspace_id, open_run.stage, open_run.run_id)
        and task.state = 'pending' and not task.held and task.due_at <= (select at from by_now)
        and (open_run.agent_id is null or task.dev_agent is distinct from open_run.agent_id)
      order by task.workspace_id, task.stage, task.run_id, task.priority desc, task.id
      limit share.tasks
    ) as task
  ) as best
  window in_order as (
    partition by open_run.place
    order by best.priority desc, (open_run.leases + best.turn)::numeric / open_run.weight, best.id
    rows between unbounded preceding and 1 preceding
  )
),
-- Locked one after the other until there are enough, found by their ids alone and looked at afterwards (the
-- limit of one sees to that): asked for its state as well, the planner may walk an index of all ready tasks. What others have in their hands is passed by.
locked as (
  select place.id as place, best.task_id, best.rank, best.seq, best.credential, best.minutes
  from place cross join lateral (
    select one.task_id, one.rank, one.seq, one.credential, one.minutes
    from (select * from ranked where ranked.place = place.id and certain order by rank) as one
    cross join lateral (
      select state, held, stage, due_at, dev_agent from tasks where tasks.id = one.task_id limit 1 for no key update skip locked
    ) as task
    -- Due by the clock as it is now: it may have waited for the rows before it.
    where task.state = 'pending' and not task.held and task.stage = place.stage and task.due_at <= clock_timestamp() + interval '0.5 ms'
      and (one.agent_id is null or task.dev_agent is distinct from one.agent_id)
    limit place.tickets
  ) as best
),
-- One row for each choice: the n-th of its tickets is given the n-th of these tasks.
given as materialized (
  select place, count(*) as tasks, array_agg(task_id order by rank) as task_ids, array_agg(seq order by rank) as seqs,
    array_agg(credential order by rank) as credentials, array_agg(minutes order by rank) as minutes
  from locked
  group by place
),
-- Who has found nothing although there was something, or (cut) may be: further down in a run than was looked.
passed_by as (
  select placed.i, choice.cut
  from (
    select place.id, coalesce(given.tasks, 0) as given, seen.tasks, seen.cut
    from place
    left join given on given.place = place.id
    cross join lateral (
      select count(*) filter (where certain) as tasks, coalesce(bool_or(last), false) as cut
      from ranked
      where ranked.place = place.id
    ) as seen
  ) as choice
  join placed on placed.place = choice.id
  where placed.turn > choice.given and (choice.tasks > choice.given or choice.cut)
),
-- All that keeps a task from being given was asked above, once for each run.
allowed as (
  select placed.i, given.task_ids[placed.turn] as task_id, given.seqs[placed.turn] as seen_seq,
    placed.lease_id, placed.claim_id, placed.token_id,
    placed.agent_id, placed.agent_kind, placed.agent_model, placed.agent_version,
    given.minutes[placed.turn] as minutes, least(placed.lease_ms, given.minutes[placed.turn] * 60000) as granted_ms,
    given.credentials[placed.turn] as pays_with
  from given join placed on placed.place = given.place and placed.turn <= given.tasks
),
