-- Claims one task for whoever drives it by hand, as it was looked at: nothing may have happened to it since (seq). Waits for
-- whoever has it locked, and then looks again. Every time is this server's, and stored ones are rounded to the millisecond.
with asked as (
  select * from json_to_recordset($1) as asked (
    i int, workspace_id uuid, task_id uuid, seq int, lease_id uuid, claim_id text, lease_ms int, token_id uuid,
    agent_id text, agent_kind text, agent_model text, agent_version text, credential text
  )
),
-- Found by its id alone and looked at afterwards, as in the claim of tickets.
locked as materialized (
  select asked.*, task.owner_id, task.seq as stands_at, task.state, task.held, task.due_at
  from asked cross join lateral (
    select workspace_id as owner_id, seq, state, held, due_at from tasks where tasks.id = asked.task_id for no key update
  ) as task
),
ready as (
  select * from locked
  where owner_id = workspace_id and stands_at = seq and state = 'pending' and not held and due_at <= now() + interval '0.5 ms'
),
