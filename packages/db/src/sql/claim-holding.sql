-- The tasks that this claim has just given, whose roles are not settled yet. $3: the stages in their order, $4: their roles.
, holding as (
  select
    id, workspace_id, project_id, run_id, stage, visit, attempt, packet_id, contract_id, null::int as role_version,
    ($3::text[])[array_position($3::text[], stage) + 1] as next_stage,
    ($4::text[])[array_position($3::text[], stage)] as role
  from leased
),
