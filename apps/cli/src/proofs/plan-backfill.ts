/** Which file of a folder belongs to which task: the folders are named after tasks, or after runs with their tasks' folders inside. */
import { join } from "node:path";
import type { Client } from "@baton/client";
import { Id } from "@baton/domain/api";
import { answered, Complaint } from "../complaint.ts";
import { EXIT } from "../exit-codes.ts";
import { tasksOf } from "../tasks-of-run.ts";
import {
  cannotRead,
  entriesOf,
  type Found,
  type FoundFile,
  findFiles,
  notTaken,
  type Skipped,
  takeEntry,
} from "./find-files.ts";

export interface PlannedFile extends FoundFile {
  task_id: string;
}

export interface Plan {
  files: PlannedFile[];
  skipped: Skipped[];
}

export async function planBackfill(client: Client, root: string): Promise<Plan> {
  const plan: Plan = { files: [], skipped: [] };
  const entries = await entriesOf(root).catch((error: unknown) => {
    throw new Complaint(`${root} ${cannotRead(error)}`, EXIT.no_input);
  });
  for (const entry of entries) {
    const why = notTaken(entry) ?? (entry.isFile() ? "not in the folder of a task or a run" : null);
    if (why !== null) plan.skipped.push({ path: entry.name, why });
    else await planFolder(client, root, entry.name, plan);
  }
  return plan;
}

async function planFolder(client: Client, root: string, name: string, plan: Plan): Promise<void> {
  if (!Id.safeParse(name).success) {
    plan.skipped.push({ path: name, why: "not named after a task or a run" });
    return;
  }
  const task = await client.call("getTask", { params: { id: name } });
  if (task.ok) return planTask(root, name, name, plan);
  if (task.problem.code !== "not_found") answered(task);
  const run = await client.call("getRun", { params: { id: name } });
  if (run.ok) return planRun(client, root, name, plan);
  if (run.problem.code !== "not_found") answered(run);
  plan.skipped.push({ path: name, why: "there is no such task or run" });
}

async function planTask(root: string, path: string, task_id: string, plan: Plan): Promise<void> {
  const found: Found = { files: [], skipped: plan.skipped };
  await findFiles(root, path, found);
  for (const file of found.files) plan.files.push({ ...file, task_id });
}

/** What lies in a run's folder beside the folders of its tasks is about the run as a whole: it goes to its first task. */
async function planRun(client: Client, root: string, run_id: string, plan: Plan): Promise<void> {
  const ids = (await tasksOf(client, run_id)).map(({ id }) => id);
  const first = ids.at(-1) ?? "";
  const found: Found = { files: [], skipped: plan.skipped };
  const entries = await entriesOf(join(root, run_id)).catch((error: unknown) => {
    plan.skipped.push({ path: run_id, why: cannotRead(error) });
    return [];
  });
  for (const entry of entries) {
    const path = `${run_id}/${entry.name}`;
    if (notTaken(entry) === null && ids.includes(entry.name)) await planTask(root, path, entry.name, plan);
    else if (entry.isDirectory() && Id.safeParse(entry.name).success)
      plan.skipped.push({ path, why: "no task of the run" });
    else await takeEntry(root, path, entry, found);
  }
  for (const file of found.files) plan.files.push({ ...file, task_id: first });
}
