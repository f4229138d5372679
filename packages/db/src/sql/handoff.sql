-- What a handoff is held against and what it consists of: the contract of the lease, the next stage's, and the newest
-- artifact of each name that the attempt has put. Nothing for a lease that is over. $3: the stages in their order.
select
  lease.stage, lease.token_id,
  contract.id as contract_id, contract.version as contract_version, contract.definition as contract_definition,
  next_contract.definition as next_definition, put.artifacts
from attempts as lease
join tasks as task on task.id = lease.task_id
left join contracts as contract on contract.id = lease.contract_id
left join lateral (
  select definition
  from contracts as candidate
  where candidate.project_id = task.project_id
    and candidate.from_stage = ($3::text[])[array_position($3::text[], lease.stage) + 1]
  order by candidate.version desc
  limit 1
) as next_contract on true
cross join lateral (
  select coalesce(json_agg(artifact order by artifact.name), '[]') as artifacts
  from (
    select distinct on (name) id, name, media_type, checksum, size_bytes
    from artifacts
    where artifacts.lease_id = lease.id
    order by name, id desc
  ) as artifact
) as put
where lease.id = $1 and lease.workspace_id = $2 and lease.ended_at is null
