-- Every step reads the one before it and nothing is joined twice: a batch costs what its rows cost.
leased as (
  update tasks as task set
    state = 'running',
    epoch = task.epoch + 1,
    attempt = task.attempt + 1,
    seq = task.seq + 1,
    lease_id = allowed.lease_id,
    lease_expires_at = now() + allowed.granted_ms * interval '1 ms',
    ledger = event_hash(
      task.ledger, task.id, task.seq + 1, 'claimed', task.stage, 'pending', task.stage, 'running', 'nothing',
      task.visit, task.attempt + 1, task.epoch + 1, allowed.agent_id, now(),
      jsonb_build_object('lease_id', allowed.lease_id, 'lease_ms', allowed.granted_ms, 'agent_id', allowed.agent_id)
    ),
    updated_at = now()
  -- An update carries a copy of all that it is made from beside each row: behind an offset that is these columns alone.
  from (select * from allowed offset 0) as allowed
  where task.id = allowed.task_id
  returning
    task.*, allowed.i, allowed.claim_id, allowed.granted_ms as lease_ms, allowed.minutes, allowed.token_id,
    allowed.agent_id, allowed.agent_kind, allowed.agent_model, allowed.agent_version, allowed.pays_with as credential,
    allowed.seen_seq,
    -- What is asked of the handoff is settled now: a contract that changes meanwhile holds for the next lease.
    (
      select contract.id from contracts as contract
      where contract.project_id = task.project_id and contract.from_stage = task.stage
      order by contract.version desc
      limit 1
    ) as contract_id
),
attempted as (
  insert into attempts (
    id, workspace_id, task_id, stage, visit, attempt, epoch, claim_id, token_id,
    agent_id, agent_kind, agent_model, agent_version, credential, lease_ms, contract_id, deadline_at
  )
  select
    lease_id, workspace_id, id, stage, visit, attempt, epoch, claim_id, token_id,
    agent_id, agent_kind, agent_model, agent_version, credential, lease_ms, contract_id,
    now() + minutes * interval '1 min'
  from leased
),
recorded as (
  insert into events (
    workspace_id, task_id, seq, type, from_stage, from_state, to_stage, to_state, charged, visit, attempt, epoch, actor, data,
    hash
  )
  select
    workspace_id, id, seq, 'claimed', stage, 'pending', stage, 'running', 'nothing', visit, attempt, epoch, agent_id,
    jsonb_build_object('lease_id', lease_id, 'lease_ms', lease_ms, 'agent_id', agent_id), ledger
  from leased
)
