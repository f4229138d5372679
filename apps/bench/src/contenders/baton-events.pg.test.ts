/** The check behind every figure of Baton's: it must see what it is there to see. */
import { freshDatabase } from "@baton/db/testing";
import { expect, onTestFinished, test } from "vitest";
import { rowsFrom } from "../servers/postgres.ts";
import { eventFaults } from "./baton-events.ts";

const PROJECT = "00000000-0000-7000-8000-000000000001";
const TASK = "00000000-0000-7000-8000-000000000002";
const PASSES = [
  ["dev", "qa"],
  ["qa", "sec"],
  ["sec", "docs"],
  ["docs", "complete"],
] as const;

/** A database with one task that went once through each stage. */
async function database(): Promise<{ url: string; run: (statement: string) => Promise<unknown> }> {
  const { url, drop } = await freshDatabase();
  onTestFinished(drop);
  await rowsFrom(
    url,
    `insert into workspaces (id, name) values ('${PROJECT}', 'w');
     insert into projects (id, workspace_id, name, primary_branch, settings, hosted)
       values ('${PROJECT}', '${PROJECT}', 'p', 'main', '{}', '{}');
     insert into runs (id, workspace_id, project_id, name, approval) values ('${PROJECT}', '${PROJECT}', '${PROJECT}', 'r', 'none');
     insert into tasks (id, workspace_id, project_id, run_id, stage, state, finished_at, priority, seq, max_failures, max_crashes, max_rejections, ledger)
       values ('${TASK}', '${PROJECT}', '${PROJECT}', '${PROJECT}', 'complete', 'completed', now(), 5, 9, 3, 3, 3, '');
     ${event(1, "submitted", "none", "new", "dev", "pending")}
     ${PASSES.map(([from, to], i) => passed(2 + 2 * i, from, to)).join("\n")}`,
  );
  return { url, run: (statement) => rowsFrom(url, statement) };
}

function passed(seq: number, from: string, to: string): string {
  const state = to === "complete" ? "completed" : "pending";
  return event(seq, "claimed", from, "pending", from, "running") + event(seq + 1, "passed", from, "running", to, state);
}

function event(seq: number, type: string, stage: string, state: string, to_stage: string, to_state: string): string {
  return `insert into events (workspace_id, task_id, seq, type, from_stage, from_state, to_stage, to_state, charged, visit, attempt, epoch, actor, data, hash)
    values ('${PROJECT}', '${TASK}', ${seq}, '${type}', '${stage}', '${state}', '${to_stage}', '${to_state}', 'nothing', 1, 1, 1, 'a', '{}', '');`;
}

test("a task that went once through each stage has no fault", async () => {
  const { url } = await database();
  expect(await eventFaults(url, [TASK])).toEqual([]);
});

test("a task that is not there is lost", async () => {
  const { url } = await database();
  expect(await eventFaults(url, [TASK, PROJECT])).toEqual([`task ${PROJECT} is lost`]);
});

test("a gap in the events of a task is a fault", async () => {
  const { url, run } = await database();
  await run("delete from events where seq = 4");
  expect(await eventFaults(url, [TASK])).toEqual([`task ${TASK} has event 1, 2, 3, 5, 6, 7, 8, 9 of 9`]);
});

test("a task that passed a stage twice is a fault, and so is one that left a stage out", async () => {
  const { url, run } = await database();
  await run("update events set from_stage = 'dev', to_stage = 'qa' where seq = 5");
  expect(await eventFaults(url, [TASK])).toEqual([`task ${TASK} passed dev>qa dev>qa sec>docs docs>complete`]);
});

test("a task that is not completed is a fault", async () => {
  const { url, run } = await database();
  await run("update tasks set stage = 'docs', state = 'failed'");
  expect(await eventFaults(url, [TASK])).toEqual([`task ${TASK} is failed in docs`]);
});
