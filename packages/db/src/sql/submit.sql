-- Puts new tasks on the line: the hot rows, their texts, their dependencies, the first event and a ticket for each that is ready.
-- A task made from a finding appears once per run and fingerprint: its texts are written first, under the index that says
-- so, and who comes second (in this statement or in one at the same moment) is left out.
with given as (
  select * from json_to_recordset($1) as given (
    id uuid, workspace_id uuid, project_id uuid, run_id uuid, held boolean, waits boolean, priority smallint,
    max_failures smallint, max_crashes smallint, max_rejections smallint,
    title text, description text, acceptance_criteria jsonb, finding_fingerprint text, found_in_task_id uuid,
    depends_on uuid[], actor text, data jsonb, bundle uuid
  )
),
specified as (
  insert into task_specs (task_id, run_id, title, description, acceptance_criteria, finding_fingerprint, found_in_task_id)
  select id, run_id, title, description, acceptance_criteria, finding_fingerprint, found_in_task_id from given
  on conflict (run_id, finding_fingerprint) where finding_fingerprint is not null do nothing
  returning task_id
),
new as (
  -- "is true" keeps the planner from comparing each with each: the ids are looked up in a hash table.
  select given.* from given where (given.id in (select task_id from specified)) is true
),
placed as (
  insert into tasks (
    id, workspace_id, project_id, run_id, stage, state, held, priority, max_failures, max_crashes, max_rejections,
    block_kind, block_reason, bundle, ledger
  )
  select
    id, workspace_id, project_id, run_id, 'dev', case when waits then 'blocked' else 'pending' end, held, priority,
    max_failures, max_crashes, max_rejections,
    case when waits then 'dependency' end, case when waits then data ->> 'reason' end, bundle,
    event_hash(
      '', id, 1, 'submitted', 'none', 'new', 'dev', case when waits then 'blocked' else 'pending' end, 'nothing',
      1, 0, 0, actor, now(), data
    )
  from new
  returning *, case when state = 'pending' and not held then nextval('outbox_id_seq') end as outbox_id
),
depending as (
  insert into task_dependencies (task_id, depends_on_id)
  select new.id, other from new cross join lateral unnest(new.depends_on) as other
),
recorded as (
  insert into events (
    workspace_id, task_id, seq, type, from_stage, from_state, to_stage, to_state, charged, visit, attempt, epoch, actor, data,
    hash
  )
  select
    new.workspace_id, new.id, 1, 'submitted', 'none', 'new', placed.stage, placed.state, 'nothing', 1, 0, 0, actor, data,
    placed.ledger
  from placed join new on new.id = placed.id
),
told as (
  insert into outbox (id, task_id, stage, visit, dispatch, bundle)
  select outbox_id, id, stage, visit, dispatch, bundle from placed where outbox_id is not null
)
select * from placed order by id
