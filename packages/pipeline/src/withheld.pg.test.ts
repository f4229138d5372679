/** A ready task that is not given says why: to people by its explain, to an agent that accepts its handoff by the refusal. */
import { claimTask, newId } from "@baton/db";
import { expect, test } from "vitest";
import { acceptHandoff, createRun, explain } from "./index.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { countOf, HINDERED, handOver, newTasks, rowOf, sql, submitted, valueOf } from "./testing/verbs.ts";

/** A task that dev-agent has passed and qa may accept. */
async function offered() {
  const open = await testLine();
  const { id } = await submitted(open);
  const { packet } = await handOver(open, "dev");
  return { open, id, handoff_id: packet.id };
}

function accept({ line, admin }: TestLine, id: string, agent: { id: string; credential?: string }, claim_id = newId()) {
  return acceptHandoff(line, admin, { id, claim_id, agent, lease_s: 60 });
}

const because = (reason: RegExp) => ({
  ok: false,
  problem: { code: "conflict", detail: expect.stringMatching(reason) },
});

test.each([
  ["the budget of its run", "budget", "update runs set over_budget = true, budget_usd = 2", /has cost its 2/],
  [
    "a pause of its stage",
    "stage",
    "insert into stage_pauses (project_id, stage, reason, paused_by) select id, 'qa', 'the scanner lies', 'ada' from projects",
    /paused by ada: the scanner lies/,
  ],
  [
    "a quota that is used up",
    "quota",
    `with paid as (update projects set settings = settings || '{"credential": "team key"}')
     insert into circuits (workspace_id, credential, until, reason) select id, 'team key', now() + interval '1 hour', 'no quota' from workspaces`,
    /quota of team key is used up until/,
  ],
  ["a full project", "capacity", `update projects set capacity = '{"qa": 0}'`, /as many leases as it may/],
])("%s is said to who looks and to who accepts", async (_, kind, change, words) => {
  const { open, id, handoff_id } = await offered();
  await sql(open, change);
  const told = valueOf(await explain(open.line, open.admin, { id }));
  expect(told).toMatchObject({ moving: false, blockers: [{ kind, reason: expect.stringMatching(words) }] });
  expect(told.why).toMatch(words);
  expect(await accept(open, handoff_id, { id: "ada" })).toMatchObject(because(words));
});

test("who did dev is told so, another agent is given the task", async () => {
  const { open, id, handoff_id } = await offered();
  expect(await accept(open, handoff_id, { id: "dev-agent" })).toMatchObject(because(/did its dev/));
  expect(valueOf(await explain(open.line, open.admin, { id }))).toMatchObject({ moving: true, blockers: [] });
  expect(await accept(open, handoff_id, { id: "ada" })).toMatchObject({ ok: true });
});

test("a task whose hosted workers wait to be triggered says what starts them", async () => {
  const open = await testLine();
  const settings = { commands: { dev: { run: "true", timeout_s: 60 } } };
  const project_id = await testProject(open, { repository_url: "/repository", settings });
  const input = { project_id, name: "run", tasks: newTasks(1), options: {}, auto_trigger: false };
  const { tasks } = valueOf(await createRun(open.line, open.admin, input));
  expect(valueOf(await explain(open.line, open.admin, { id: tasks[0]?.id ?? "" }))).toMatchObject({
    ...{ moving: false, blockers: [{ kind: "trigger" }], why: expect.stringContaining("trigger-pipeline") },
  });
});

test("an accept whose twin is given the lease between its two looks is told of that lease", async () => {
  const { open, id, handoff_id } = await offered();
  const { token_id, workspace_id } = open.admin;
  const [claim_id, lease_id] = [newId(), newId()];
  const accepting = await open.db.transaction(async (tx) => {
    await tx.run({ name: "lock", text: "lock table handoff_packets in access exclusive mode" }, []);
    const waiting = accept(open, handoff_id, { id: "ada" }, claim_id);
    await expect.poll(() => countOf(open, HINDERED)).toBeGreaterThan(0);
    const { seq } = await rowOf(open, id);
    const twin = { lease_id, claim_id, token_id, workspace_id, task_id: id, seq, lease_ms: 60_000, agent_id: "ada" };
    expect(await claimTask(open.db, twin)).toMatchObject({ id });
    return { waiting };
  });
  expect(valueOf(await accepting.waiting)).toMatchObject({ fresh: false, value: { lease: { id: lease_id } } });
});
