/** Hostile values: whatever stands in any field of any call, the answer is a success or a refusal, never a broken server. */
import { ROUTES, type Route } from "@baton/domain/api";
import { expect, test } from "vitest";
import { serve } from "./testing/served.ts";
import { claimed, run } from "./testing/work.ts";

const api = await serve();

const HOSTILE: unknown[] = [
  ...[
    null,
    true,
    -1,
    0.1,
    2 ** 31,
    2 ** 53,
    1e308,
    "",
    " ",
    "\0",
    "a\ud800b",
    "\u202egnirts",
    "'; drop table tasks; --",
  ],
  ...["../../etc/passwd", "${7*7}", "<script>", "1e9", "x".repeat(60_000), "\u0301".repeat(5_000), [], {}, [[[[]]]]],
  ...[{ constructor: { prototype: { admin: true } } }, Array(3_000).fill("x"), Array(3_000).fill({})],
];

async function samples(): Promise<Record<string, unknown>> {
  const { run: made, tasks } = await run(api, [{ title: "a" }, { title: "b", depends_on: [0] }]);
  const { lease } = await claimed(api);
  const feature = await api.producer.ok("createFeature", { body: { project_id: made.project_id, title: "f" } });
  const id = { task: tasks[1]?.id, run: made.id, project: made.project_id, lease: lease.id };
  const task = { title: "t", description: "d", priority: 1, acceptance_criteria: ["c"], depends_on: [id.task] };
  const settings = {
    commands: { dev: { run: "x", timeout_s: 1 } },
    limits: { attempts: 1 },
    check_commands: { sec: ["x"] },
  };
  const usage = { tokens_in: 1, tokens_out: 1, cost_usd: "1.5", model: "m" };
  const log = [{ timestamp: "2026-01-01T00:00:00Z", event: "e", detail: { a: 1 } }];
  const artifacts = [{ type: "file", path: "p", action: "created", description: "d" }];
  const decisions = [{ decision: "d", rationale: "r", alternatives_considered: ["a"] }];
  const output = { output_artifacts: artifacts, output_decisions: decisions, output_metrics: { a: { b: 1 } } };
  const findings = [{ title: "f", severity: "low", file: "f", line: 1, description: "d", recommendation: "r" }];
  return {
    [`createProject`]: { name: "n", repository_url: "/r", primary_branch: "main", settings },
    [`updateProject ${id.project}`]: { name: "n", settings },
    [`addFeaturePacket ${feature.feature.id}`]: {
      ...{ phase: "review", status: "completed", agent_id: "a", agent_name: "n", agent_type: "t" },
      ...{
        started_at: "2026-01-01T00:00:00Z",
        completed_at: "2026-01-01T00:00:01Z",
        duration_ms: 1,
        input_context: { a: 1 },
      },
      ...{
        cost_tokens_in: 1,
        cost_tokens_out: 1,
        cost_usd: "0.1",
        input_source_phase: "planning",
        rejection_reason: "r",
      },
      ...{ output_summary: "s", activity_log: log, ...output },
    },
    [`createFeature`]: { project_id: id.project, title: "t", description: "d" },
    [`createRun`]: {
      project_id: id.project,
      name: "n",
      tasks: [{ ...task, depends_on: [] }],
      options: { approval: "none" },
    },
    [`addTasks ${id.run}`]: { tasks: [task] },
    [`advanceStage ${id.task}`]: { result: "pass", notes: "n" },
    [`setStage ${id.task}`]: { stage: "dev" },
    [`cancelTask ${id.task}`]: { reason: "r" },
    [`heartbeat ${id.lease}`]: { epoch: lease.epoch, usage, progress: "p" },
    [`block ${id.lease}`]: { epoch: 7, kind: "quota", reason: "r", until: "2026-01-01T00:00:00Z" },
    [`fail ${id.lease}`]: { epoch: 7, error: { message: "m", fault: "task", retry_after_s: 1 } },
    [`complete ${id.lease}`]: {
      ...{ epoch: lease.epoch, result: "reject", findings, usage },
      packet: { output_summary: "s", activity_log: log, ...output },
    },
    claim: { claim_id: "c", stages: ["docs"], agent: { id: "a", kind: "k", model: "m" }, wait_s: 0, lease_s: 5 },
    createToken: { name: "n", role: "agent", stages: ["dev"] },
    login: { token: "t" },
  };
}

/** The value with each of its parts, in turn, replaced by `put`. */
function* spoiled(value: unknown, put: unknown): Generator<unknown> {
  yield put;
  if (typeof value !== "object" || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    for (const other of spoiled(part, put)) {
      yield Array.isArray(value)
        ? value.map((item, at) => (String(at) === key ? other : item))
        : { ...value, [key]: other };
    }
  }
}

test("no value in any field of any call breaks the server", { timeout: 120_000 }, async () => {
  const statuses = new Map<number, number>();
  for (const [call, sample] of Object.entries(await samples())) {
    for (const put of HOSTILE) {
      const bodies = [...spoiled(sample, put)];
      const answers = await Promise.all(bodies.map((body) => send(call, body)));
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const broken = answers.filter((answer) => answer.status >= 500 || (answer.status >= 400 && !answer.is_problem));
      expect(broken, call).toEqual([]);
    }
  }
  // A run in which hardly anything was tried, or nothing got as far as the database, proves nothing.
  expect(statuses.get(400)).toBeGreaterThan(1_000);
  expect((statuses.get(200) ?? 0) + (statuses.get(201) ?? 0)).toBeGreaterThan(20);
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

async function send(call: string, value: unknown) {
  const [name = "", id = ""] = call.split(" ");
  const route = ROUTES[name as keyof typeof ROUTES] as Route;
  const body = JSON.stringify(value);
  const headers = { "content-type": "application/json" };
  const answer = await api.admin.raw(route.method.toUpperCase(), route.path.replace(":id", id), { headers, body });
  const is_problem = answer.headers.get("content-type")?.startsWith("application/problem+json") ?? false;
  return { status: answer.status, is_problem, sent: body.slice(0, 300), text: answer.text.slice(0, 300) };
}
