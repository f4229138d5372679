/** Pauses of single stages: by a person, or by the line when the same fault comes on one task after the other. What holders of the stage do is not touched. */
import {
  findProject,
  pauseStage as pause,
  pauseOnStreak,
  resumeStage as resume,
  stageOf,
  stagePauses,
} from "@baton/db";
import { cutText, type Fault, ok, type Result, refused, STAGES, type Stage } from "@baton/domain";
import type { PauseStage, ProjectStage, StageAnswer, StageList } from "@baton/domain/api";
import type { Held } from "./held.ts";
import { inTransaction, type Line } from "./line.ts";
import type { Principal } from "./principal.ts";

interface ById {
  id: string;
}
type StageInput = ById & { stage: Stage };

const NO_PROJECT = refused("not_found", "There is no such project.");

export async function listStages(line: Line, who: Principal, { id }: ById): Promise<Result<StageList>> {
  if ((await findProject(line.db, who.workspace_id, id)) === null) return NO_PROJECT;
  return ok({ items: await viewsOf(line, id) });
}

/** A stage that is paused already stays so, for the reason that it had. */
export async function pauseStage(
  line: Line,
  who: Principal,
  { id, stage, reason }: StageInput & PauseStage,
): Promise<Result<StageAnswer>> {
  if ((await findProject(line.db, who.workspace_id, id)) === null) return NO_PROJECT;
  const why = reason ?? `paused by ${who.name}`;
  await pause(line.db, { project_id: id, stage, reason: why, paused_by: who.name });
  return answer(line, id, stage);
}

/** Hosted workers hear of it when the reconciler renews the tickets, waiting agents when they look again: within seconds. */
export async function resumeStage(line: Line, who: Principal, { id, stage }: StageInput): Promise<Result<StageAnswer>> {
  if ((await findProject(line.db, who.workspace_id, id)) === null) return NO_PROJECT;
  return inTransaction(line, async (tx) => {
    await resume(tx.db, id, stage);
    return answer(tx, id, stage);
  });
}

async function answer(line: Line, project_id: string, stage: Stage): Promise<Result<StageAnswer>> {
  const view = (await viewsOf(line, project_id)).find((one) => one.stage === stage);
  if (view === undefined) throw new Error("a stage that is none");
  return ok({ stage: view });
}

async function viewsOf(line: Line, project_id: string): Promise<ProjectStage[]> {
  const pauses = await stagePauses(line.db, project_id);
  return STAGES.map((stage) => {
    const found = pauses.find((one) => one.stage === stage);
    if (found === undefined) return { stage, paused: null };
    const { reason, paused_by, fault_fingerprint, created_at } = found;
    return { stage, paused: { reason, paused_by, fault_fingerprint, paused_at: created_at.toISOString() } };
  });
}

/** On so many different tasks in a row. */
const FAULTS_IN_A_ROW = 5;

/** After a failed attempt: when it was always the same fault, no more tasks are spent on it. */
export async function pauseIfFaultRepeats(
  line: Line,
  { row }: Held,
  { fault, message, fingerprint }: { fault: Fault; message: string; fingerprint: string },
): Promise<void> {
  const { project_id } = row;
  const stage = stageOf(row);
  const what = `the same ${fault} fault on ${FAULTS_IN_A_ROW} tasks in a row: ${cutText(message, 500)}`;
  const how = `Mend it, then resume the stage: POST /api/projects/${project_id}/stages/${stage}/resume`;
  const reason = `${what}. ${how}`;
  await pauseOnStreak(line.db, { project_id, stage, fingerprint, reason, times: FAULTS_IN_A_ROW });
}
