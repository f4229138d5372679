/** What a hosted attempt is told: the prompt of its role, noted as it was given; a command of the role where the project has none; nothing where the work is built in. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPrompt } from "@baton/agents";
import { freshDatabase } from "@baton/db/testing";
import { type AgentRole, ProjectSettings, RoleDefinition, SHIPPED_ROLES, type Stage } from "@baton/domain";
import { NewTask } from "@baton/domain/api";
import {
  authenticate,
  claimTicket,
  createProject,
  createRun,
  ensureAdminToken,
  type OpenLine,
  openLineAt,
  type Principal,
  putRole,
  setStage,
} from "@baton/pipeline";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { briefed } from "./assignment.ts";

const log = pino({ level: "silent" });
const TOKEN = "admin-token-for-the-tests";
const close: (() => Promise<unknown>)[] = [];
let line: OpenLine;
let who: Principal;

beforeAll(async () => {
  const { url: database_url, drop } = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), "baton-worker-"));
  const opened = await openLineAt({ database_url, redis_url: undefined, artifacts: { folder }, onError: () => {} });
  close.push(opened.close, drop, () => rm(folder, { recursive: true, force: true }));
  line = opened.line;
  await ensureAdminToken(line, TOKEN);
  const admin = await authenticate(line, TOKEN);
  if (admin === null) throw new Error("the token is not known");
  who = admin;
});
afterAll(async () => {
  for (const one of close) await one();
});

function valueOf<T>(result: { ok: true; value: T } | { ok: false; problem: { detail: string } }): T {
  if (result.ok) return result.value;
  throw new Error(result.problem.detail);
}

/** A hosted worker's claim of a task in this stage of a new project. */
async function assigned(stage: Stage, given: object = {}) {
  const settings = ProjectSettings.parse(given);
  const input = { name: "parser", repository_url: "/repository", primary_branch: "main", settings };
  const { project } = valueOf(await createProject(line, who, input));
  const tasks = [NewTask.parse({ title: "Parse nothing" })];
  const made = valueOf(await createRun(line, who, { project_id: project.id, name: "r", tasks, options: {} }));
  const [{ id: task_id } = { id: "" }] = made.tasks;
  const { task } = valueOf(await setStage(line, who, { id: task_id, stage }));
  const ticket = { task_id, stage, visit: task.visit, dispatch: 1 };
  const assignment = await claimTicket(line, ticket, { id: "worker", kind: "hosted" }, 60_000);
  if (assignment === null) throw new Error("the ticket found nothing");
  return assignment;
}

let asked = 0;

async function noted(task_id: string) {
  asked += 1;
  const text = "select role, role_version, prompt_sha256 from attempts where task_id = $1";
  const [row] = await line.db.run<Record<string, unknown>>({ name: `noted_${asked}`, text }, [task_id]);
  return row;
}

const say = async (role: AgentRole, given: object) =>
  valueOf(
    await putRole(line, who, { role, ...RoleDefinition.parse({ template: SHIPPED_ROLES[role].template, ...given }) }),
  ).role.version;

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("a command is given the prompt of its role, and exactly that is noted", async () => {
  const assignment = await assigned("qa", { commands: { qa: { run: "check" } } });
  const told = await briefed(line, assignment, log);
  expect(told.prompt).toContain("You work the qa stage");
  expect(told.prompt).toContain("Parse nothing");
  const prompt_sha256 = sha256(buildPrompt(told));
  expect(await noted(assignment.held.row.id)).toEqual({ role: "qa", role_version: 1, prompt_sha256 });
});

test("a stage whose work is built in is told nothing, and nothing is noted", async () => {
  const assignment = await assigned("sec");
  const told = await briefed(line, assignment, log);
  expect([told.prompt, told.project.settings.commands]).toEqual([undefined, {}]);
  expect(await noted(assignment.held.row.id)).toEqual({ role: null, role_version: null, prompt_sha256: null });
});

test("the command of a role is run where the project has none, with its model and within its time", async () => {
  const version = await say("docs", { command: "write", model: "small", limits: { timeout_s: 60 } });
  const assignment = await assigned("docs");
  const told = await briefed(line, assignment, log);
  expect(told.project.settings.commands).toEqual({ docs: { run: "write", timeout_s: 60 } });
  expect(told.model).toBe("small");
  expect(await noted(assignment.held.row.id)).toMatchObject({ role: "docs", role_version: version });
  const own = await briefed(line, await assigned("docs", { commands: { docs: { run: "own", timeout_s: 30 } } }), log);
  expect(own.project.settings.commands).toEqual({ docs: { run: "own", timeout_s: 30 } });
});

test("a role whose executor is none leaves the stage to what is built in", async () => {
  await say("docs", { command: "write", executor: "none" });
  expect((await briefed(line, await assigned("docs"), log)).prompt).toBeUndefined();
});
