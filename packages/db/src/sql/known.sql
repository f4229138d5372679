-- What agents have to know of each task that is held: its texts, its run and project, the newest packet of each stage (the
-- newest of all first) and the findings of the newest, the contract of its lease and the next stage's, where the project has
-- one of its own, and the newest proofs; and the role whose prompt it is given: the version of its lease, or else the newest.
-- What the line itself left of an attempt counts once that attempt was accepted. Packets, findings and proofs come as JSON:
-- nobody compares or sums them here.
cross join lateral (
  select
    task.id as task_id, task.stage as known_stage, spec.title, spec.description, spec.acceptance_criteria,
    run.id as run_id, run.name as run_name, project.id as project_id, project.name as project_name,
    project.repository_url, project.primary_branch, project.settings, project.hosted,
    left_behind.packets, found.findings, evidence.proofs, kept.draft,
    role.version as role_version, role.definition as role_definition,
    contract.id as contract_id, contract.version as contract_version, contract.definition as contract_definition,
    next_contract.definition as next_definition
  from task_specs as spec
  join runs as run on run.id = task.run_id
  join projects as project on project.id = task.project_id
  cross join lateral (
    select coalesce(json_agg(packet order by packet.id desc), '[]') as packets
    from (
      select distinct on (phase)
        id, feature_id, task_id, phase, version, status, agent_id, agent_type, agent_name,
        started_at, completed_at, duration_ms, cost_tokens_in, cost_tokens_out, cost_usd::text,
        input_source_phase, input_source_packet_id, input_context,
        output_summary, output_artifacts, output_decisions, output_metrics,
        previous_version_id, rejection_reason, diff_from_previous, activity_log, created_at, updated_at
      from handoff_packets as packet
      where packet.task_id = task.id
      order by phase, version desc
    ) as packet
  ) as left_behind
  cross join lateral (
    select coalesce(json_agg(finding), '[]') as findings
    from (
      select fingerprint, kind, title, description, severity, priority, status, file, line
      from findings as finding
      where finding.packet_id = task.packet_id
      order by priority desc, id
    ) as finding
  ) as found
  cross join lateral (
    select coalesce(json_agg(proof order by proof.id desc), '[]') as proofs
    from (
      select proof.id, proof.kind, proof.stage, attempt.visit, proof.summary, proof.name, proof.size_bytes
      from proofs as proof
      left join attempts as attempt on attempt.id = proof.lease_id
      where proof.task_id = task.id and (proof.source <> 'line' or attempt.outcome in ('pass', 'reject'))
      order by proof.id desc
      limit 20
    ) as proof
  ) as evidence
  -- The first attempt has none before it.
  left join lateral (
    select earlier.draft || jsonb_build_object(
      'attempt', earlier.attempt, 'agent_id', earlier.agent_id, 'saved_at', earlier.draft_at
    ) as draft
    from attempts as earlier
    where task.attempt > 1 and earlier.task_id = task.id and earlier.visit = task.visit and earlier.stage = task.stage
      and earlier.draft is not null and earlier.ended_at is not null
    order by earlier.epoch desc
    limit 1
  ) as kept on true
  left join contracts as contract on contract.id = task.contract_id
  left join lateral (
    select definition
    from contracts as candidate
    where candidate.project_id = task.project_id
      and candidate.from_stage = task.next_stage
    order by candidate.version desc
    limit 1
  ) as next_contract on true
  left join lateral (
    select version, definition
    from role_configs as candidate
    where candidate.workspace_id = task.workspace_id
      and candidate.role = task.role
      and (task.role_version is null or candidate.version = task.role_version)
    order by candidate.version desc
    limit 1
  ) as role on true
  where spec.task_id = task.id
) as known
