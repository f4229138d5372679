/** With `findings: tasks`: what is found becomes work of the run, once. */
import { type FindingInput, normaliseFinding } from "@baton/domain";
import { expect, test } from "vitest";
import { completeAttempt, killRun, pauseRun } from "./index.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import {
  assigned,
  complete,
  countOf,
  evidence,
  handOver,
  leased,
  letLeasesExpire,
  newTasks,
  sql,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

async function running(n = 1) {
  const open = await testLine();
  const project_id = await testProject(open, { settings: { findings: "tasks" } });
  return { open, ...(await submitted(open, newTasks(n), { project_id })) };
}

const smell: FindingInput = { title: "smell", severity: "medium", file: "src/a.js", description: "It smells." };

test("an open finding becomes a task of the run, with its priority, and can be claimed", async () => {
  const { open, id, run } = await running();
  await handOver(open, "dev", { findings: [smell, { title: "fixed one", status: "fixed" }] });
  const { task, lease } = await leased(open, "dev");
  expect(task).toMatchObject({
    title: "smell",
    run_id: run.id,
    priority: 7,
    description: "src/a.js\nIt smells.",
    stage: "dev",
  });
  expect(lease.epoch).toBe(1);
  const [spec] = await sql(open, "select found_in_task_id from task_specs where finding_fingerprint is not null");
  expect(spec).toEqual({ found_in_task_id: id });
  expect(await countOf(open, "tasks")).toBe(2);
});

test("the same finding becomes a task once, however often and wherever it is found", async () => {
  const { open } = await running(2);
  await handOver(open, "dev", { findings: [{ ...smell, line: 7 }] });
  await handOver(open, "dev", { findings: [{ ...smell, line: 9 }] });
  await handOver(open, "qa", { findings: [smell, { ...smell, title: "SMELL" }] });
  expect(await countOf(open, "tasks")).toBe(3);
});

test("the same finding by many at the same moment becomes a task once, and every completion counts", async () => {
  const { open, ids } = await running(8);
  await sql(open, "update projects set hosted = '{dev}'");
  const held = [];
  for (const id of ids) held.push((await assigned(open, id)).held);
  const findings = [normaliseFinding(smell, "finding")];
  const ends = await Promise.all(held.map((one) => completeAttempt(open.line, one, evidence({ findings }), "tasks")));
  expect(ends.every((end) => end.ok)).toBe(true);
  expect(await countOf(open, "tasks")).toBe(9);
});

test("a completion that comes too late makes no tasks", async () => {
  const { open } = await running();
  const { ref } = await leased(open, "dev");
  await letLeasesExpire(open);
  expect(await complete(open, ref, { findings: [smell] })).toMatchObject({ problem: { code: "lease_lost" } });
  expect(await countOf(open, "tasks")).toBe(1);
});

test("a run goes on until the tasks that were found in it are done too", async () => {
  const { open, run } = await running();
  for (const stage of ["dev", "qa", "sec"] as const) await handOver(open, stage);
  await handOver(open, "docs", { findings: [smell] });
  await open.line.settle();
  expect(await sql(open, "select state from runs")).toEqual([{ state: "active" }]);
  for (const stage of ["dev", "qa", "sec", "docs"] as const) await handOver(open, stage);
  await open.line.settle();
  expect(await sql(open, "select id, state from runs")).toEqual([{ id: run.id, state: "completed" }]);
});

test("where the project does not ask for it findings only ride in the packet", async () => {
  const open = await testLine();
  await submitted(open);
  valueOf(await complete(open, (await leased(open, "dev")).ref, { findings: [smell] }));
  expect(await countOf(open, "tasks")).toBe(1);
  expect(await countOf(open, "findings")).toBe(1);
});

/** Holders of ten tasks who all complete with a finding that becomes a task, while somebody does `act` to the run. */

async function findingWhile(act: (open: TestLine, run: { id: string }) => Promise<unknown>) {
  const open = await testLine();
  const { run, ids } = await submitted(open, newTasks(10));
  await sql(open, "update projects set hosted = '{dev}'");
  const held = [];
  for (const id of ids) held.push((await assigned(open, id)).held);
  const findings = ids.map((id) => [
    normaliseFinding({ title: `fault in ${id.replace(/\d/g, "x")} ${id}`, file: id }, "finding"),
  ]);
  const ends = held.map((one, i) =>
    completeAttempt(open.line, one, evidence({ findings: findings[i] ?? [] }), "tasks"),
  );
  const [, ...done] = await Promise.all([act(open, { id: run.id }), ...ends]);
  return { open, done };
}

test("a kill that meets completions with new tasks leaves nothing open", async () => {
  const { open, done } = await findingWhile((line, run) => killRun(line.line, line.admin, run));
  expect(await countOf(open, "tasks where state <> 'cancelled'")).toBe(0);
  expect(await countOf(open, "tasks")).toBe(10 + done.filter((end) => end.ok).length);
});

test("a pause that meets completions with new tasks holds them all", async () => {
  const { open, done } = await findingWhile((line, run) => pauseRun(line.line, line.admin, run));
  expect(done.every((end) => end.ok)).toBe(true);
  expect(await countOf(open, "tasks")).toBe(20);
  expect(await countOf(open, "tasks where not held")).toBe(0);
});
