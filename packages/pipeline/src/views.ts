/** How stored rows look on the wire. One function a noun; nothing is read or decided here. */
import type {
  ArtifactRow,
  EventRow,
  FeatureRow,
  ProjectRow,
  RunRow,
  TaskRow,
  TokenRow,
  ToldAttempt,
  WholeTask,
} from "@baton/db";
import { isStage } from "@baton/domain";
import type {
  ArtifactView,
  AttemptView,
  EventView,
  FeatureView,
  LeaseView,
  ProjectView,
  RunView,
  TaskView,
  TokenView,
} from "@baton/domain/api";

const iso = (time: Date) => time.toISOString();
const isoOrNull = (time: Date | null) => time?.toISOString() ?? null;

export function projectView(row: ProjectRow): ProjectView {
  const { id, name, repository_url, primary_branch, settings } = row;
  return {
    ...{ id, name, repository_url, primary_branch, settings },
    hosted_stages: row.hosted.filter(isStage),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  };
}

export function featureView(row: FeatureRow): FeatureView {
  const { id, project_id, title, description } = row;
  return { id, project_id, title, description, created_at: iso(row.created_at), updated_at: iso(row.updated_at) };
}

export function runView(row: RunRow): RunView {
  const { id, project_id, feature_id, name, state, approval, weight, budget_usd, over_budget, goal, reason } = row;
  return {
    ...{ id, project_id, feature_id, name, state, approval, weight, budget_usd, over_budget, goal, reason },
    triggered: row.triggered.filter(isStage),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
    finished_at: isoOrNull(row.finished_at),
  };
}

export function taskView({ task, spec, depends_on }: WholeTask): TaskView {
  const { id, run_id, project_id, priority, stage, state, visit, attempt, failures, crashes, rejections } = task;
  return {
    ...{ id, run_id, project_id, priority, stage, state, visit, attempt, failures, crashes, rejections, depends_on },
    title: spec.title,
    description: spec.description,
    acceptance_criteria: spec.acceptance_criteria,
    limits: { rejections: task.max_rejections, attempts: task.max_failures, crashes: task.max_crashes },
    due_at: iso(task.due_at),
    blocked: blockedView(task),
    branch: `baton/${run_id}/${id}`,
    created_at: iso(task.created_at),
    updated_at: iso(task.updated_at),
    finished_at: isoOrNull(task.finished_at),
  };
}

function blockedView(task: TaskRow): TaskView["blocked"] {
  if (task.block_kind === null) return null;
  return { kind: task.block_kind, reason: task.block_reason ?? "", until: isoOrNull(task.block_until) };
}

/** A lease should be renewed four times before it is over. */
export function leaseView(
  lease: Omit<LeaseView, "expires_at" | "heartbeat_every_s"> & { expires_at: Date; lease_ms: number },
): LeaseView {
  const { id, task_id, stage, visit, attempt, epoch, expires_at, lease_ms } = lease;
  return {
    id,
    task_id,
    stage,
    visit,
    attempt,
    epoch,
    expires_at: iso(expires_at),
    heartbeat_every_s: lease_ms / 4_000,
  };
}

export function eventView(row: EventRow): EventView {
  const { seq, type, visit, attempt, epoch, charged, actor, data } = row;
  return {
    ...{ seq, type, visit, attempt, epoch, charged, actor, data },
    from: { stage: row.from_stage, state: row.from_state },
    to: { stage: row.to_stage, state: row.to_state },
    at: iso(row.at),
  };
}

export function attemptView(row: ToldAttempt): AttemptView {
  const { id: lease_id, stage, visit, attempt, agent_id, outcome, fault, message } = row;
  return {
    ...{ lease_id, stage, visit, attempt, agent_id, outcome, fault, message },
    started_at: iso(row.started_at),
    ended_at: isoOrNull(row.ended_at),
  };
}

export function tokenView(row: TokenRow): TokenView {
  const { id, name, role, prefix } = row;
  const stages = row.stages?.filter(isStage) ?? null;
  return { id, name, role, stages, prefix, created_at: iso(row.created_at), revoked_at: isoOrNull(row.revoked_at) };
}

export function artifactView(row: ArtifactRow): ArtifactView {
  const { id, task_id, lease_id, stage, visit, name, media_type, checksum, size_bytes, created_by } = row;
  return {
    ...{ id, task_id, lease_id, stage, visit, name, media_type, checksum, size_bytes, created_by },
    created_at: iso(row.created_at),
  };
}
