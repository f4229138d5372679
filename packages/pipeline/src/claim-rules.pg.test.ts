/** Who is given what: shares between runs, limits that hold under load, nobody's own work, pauses, budgets and quotas. */
import { newId } from "@baton/db";
import type { Stage } from "@baton/domain";
import { expect, test } from "vitest";
import { failAttempt } from "./give-back.ts";
import { claim, pauseStage, readyTasks } from "./index.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import {
  assigned,
  complete,
  countOf,
  impatient,
  leased,
  newTask,
  newTasks,
  rowOf,
  sql,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

interface Asked {
  agent?: string;
  credential?: string;
}

/** The claim of an agent by that name: the task it was given, or why it was given none. */
async function ask(open: TestLine, stage: Stage, { agent = newId(), credential }: Asked = {}) {
  const input = { claim_id: newId(), stages: [stage], agent: { id: agent, credential }, wait_s: 0, lease_s: 60 };
  const answer = valueOf(await claim(open.line, open.admin, input, impatient()));
  return answer.kind === "leased" ? answer.value : answer.reason;
}

const given = (answer: Awaited<ReturnType<typeof ask>>) => (typeof answer === "string" ? answer : answer.task.run_id);

test("of runs of the same priority the one with the fewest leases is served next, however much another has", async () => {
  const open = await testLine();
  const large = (await submitted(open, newTasks(20))).run.id;
  const small = (await submitted(open, newTasks(2))).run.id;
  const served = [];
  for (let n = 0; n < 6; n += 1) served.push(given(await ask(open, "dev")));
  expect(served).toEqual([large, small, large, small, large, large]);
});

test("a run of twice the weight is given twice the leases", async () => {
  const open = await testLine();
  const [light, heavy] = [await submitted(open, newTasks(9)), await submitted(open, newTasks(9))];
  await sql(open, "update runs set weight = 2 where id = $1", heavy.run.id);
  const served = [];
  for (let n = 0; n < 9; n += 1) served.push(given(await ask(open, "dev")));
  expect(served.filter((id) => id === heavy.run.id)).toHaveLength(6);
  expect(served.filter((id) => id === light.run.id)).toHaveLength(3);
});

test("priority goes before shares, and the list shows the order in which tasks are given", async () => {
  const open = await testLine();
  await submitted(open, newTasks(4));
  await submitted(open, [newTask({ priority: 9 }), newTask({ priority: 5 }), newTask({ priority: 9 })]);
  const shown = valueOf(await readyTasks(open.line, open.admin, { limit: 20 })).items.map((task) => task.id);
  const claimed = [];
  for (let n = 0; n < 7; n += 1) {
    const got = await ask(open, "dev");
    if (typeof got !== "string") claimed.push(got.task.id);
  }
  expect(claimed).toEqual(shown);
});

test("many at once never get more leases than a project's limits, and all of them in the end", async () => {
  const open = await testLine();
  const project_id = await testProject(open, { settings: { concurrency: { total: 4, dev: 3 } } });
  await submitted(open, newTasks(12), { project_id });
  await submitted(open, newTasks(2));
  for (let done = 0; done < 14; ) {
    const got = await Promise.all(Array.from({ length: 10 }, () => ask(open, "dev")));
    const held = await countOf(open, `tasks where state = 'running' and project_id = '${project_id}'`);
    expect(held).toBeLessThanOrEqual(3);
    const leases = got.flatMap((one) => (typeof one === "string" ? [] : [one.lease]));
    expect(leases.length).toBeGreaterThan(0);
    for (const { id, epoch } of leases) valueOf(await complete(open, { lease_id: id, epoch }));
    done += leases.length;
  }
  expect(await countOf(open, "tasks where stage = 'qa'")).toBe(14);
});

test("a full project is said to be full, and the limit over all stages holds too", async () => {
  const open = await testLine();
  const project_id = await testProject(open, { settings: { concurrency: { total: 2 } } });
  await submitted(open, newTasks(3), { project_id });
  const first = await leased(open, "dev");
  valueOf(await complete(open, first.ref));
  expect(typeof (await ask(open, "dev"))).toBe("object");
  expect(typeof (await ask(open, "qa", { agent: "a tester" }))).toBe("object");
  expect(await ask(open, "dev")).toBe("capacity");
});

test("a project with a limit and room in it is not said to be full", async () => {
  const open = await testLine();
  const project_id = await testProject(open, { settings: { concurrency: { total: 2 } } });
  await submitted(open, newTasks(1), { project_id });
  const { ref } = await leased(open, "dev");
  valueOf(await complete(open, ref));
  expect(await ask(open, "qa", { agent: "dev-agent" })).toBe("empty");
  valueOf(await pauseStage(open.line, open.admin, { id: project_id, stage: "qa" }));
  expect(await ask(open, "qa", { agent: "a tester" })).toBe("paused");
});

test("hosted workers keep to the limits as well", async () => {
  const open = await testLine();
  const commands = { dev: { run: "true", timeout_s: 60 } };
  const settings = { commands, concurrency: { dev: 1 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings });
  const { ids } = await submitted(open, newTasks(3), { project_id });
  const got = await Promise.allSettled(ids.map((id) => assigned(open, id)));
  expect(got.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await countOf(open, "tasks where state = 'running'")).toBe(1);
});

test("who did dev is not given qa or sec of the task, another one is, and docs is everybody's", async () => {
  const open = await testLine();
  await submitted(open);
  const pass = async (stage: Stage, agent: string) => {
    const got = await ask(open, stage, { agent });
    if (typeof got === "string") return got;
    valueOf(await complete(open, { lease_id: got.lease.id, epoch: got.lease.epoch }));
    return "passed";
  };
  expect(await pass("dev", "ada")).toBe("passed");
  expect(await pass("qa", "ada")).toBe("empty");
  expect(await pass("qa", "bob")).toBe("passed");
  expect(await pass("sec", "ada")).toBe("empty");
  expect(await pass("sec", "bob")).toBe("passed");
  expect(await pass("docs", "ada")).toBe("passed");
});

test("one's own work does not stand before other work", async () => {
  const open = await testLine();
  await submitted(open, newTasks(2));
  for (const agent of ["ada", "bob"]) {
    const got = await ask(open, "dev", { agent });
    if (typeof got === "string") throw new Error("nothing to do in dev");
    valueOf(await complete(open, { lease_id: got.lease.id, epoch: got.lease.epoch }));
  }
  expect(typeof (await ask(open, "qa", { agent: "ada" }))).toBe("object");
  expect(await ask(open, "qa", { agent: "ada" })).toBe("empty");
});

test("a project may switch separation off", async () => {
  const open = await testLine();
  const project_id = await testProject(open, { settings: { separation: "off" } });
  await submitted(open, newTasks(1), { project_id });
  const got = await ask(open, "dev", { agent: "ada" });
  if (typeof got === "string") throw new Error("nothing to do in dev");
  valueOf(await complete(open, { lease_id: got.lease.id, epoch: got.lease.epoch }));
  expect(typeof (await ask(open, "qa", { agent: "ada" }))).toBe("object");
});

test("a paused stage gives nothing, the other stages of the project do", async () => {
  const open = await testLine();
  const project_id = await testProject(open);
  await submitted(open, newTasks(2), { project_id });
  valueOf(await complete(open, (await leased(open, "dev")).ref));
  await sql(
    open,
    "insert into stage_pauses (project_id, stage, reason, paused_by) values ($1, 'dev', 'why', 'me')",
    project_id,
  );
  expect(await ask(open, "dev")).toBe("paused");
  expect(typeof (await ask(open, "qa"))).toBe("object");
});

test("a run over its budget gives nothing, and says so", async () => {
  const open = await testLine();
  const { run } = await submitted(open);
  await sql(open, "update runs set over_budget = true where id = $1", run.id);
  expect(await ask(open, "dev")).toBe("budget");
});

test("a credential without quota is given nothing until then, others are", async () => {
  const open = await testLine();
  await submitted(open, newTasks(3));
  const open_circuit =
    "insert into circuits (workspace_id, credential, until, reason) values ($1, 'team a', now() + $2::interval, 'used up')";
  await sql(open, open_circuit, open.admin.workspace_id, "1 hour");
  expect(await ask(open, "dev", { credential: "team a" })).toBe("quota");
  expect(typeof (await ask(open, "dev", { credential: "team b" }))).toBe("object");
  expect(typeof (await ask(open, "dev"))).toBe("object");
  // Stored times are rounded to the millisecond, also up.
  await sql(open, "update circuits set until = now() - interval '1 ms'");
  expect(typeof (await ask(open, "dev", { credential: "team a" }))).toBe("object");
});

test("a quota that a hosted attempt finds used up stops all that the project pays with it, and nothing else", async () => {
  const open = await testLine();
  const commands = { dev: { run: "true", timeout_s: 60 } };
  const settings = { commands, credential: "team a" };
  const project_id = await testProject(open, { repository_url: "/repository", settings });
  const { ids } = await submitted(open, newTasks(3), { project_id });
  const [first = "", second = "", third = ""] = ids;
  const { held } = await assigned(open, first);
  const failure = { message: "429", fault: "provider" as const, quota: true, retry_after_s: 600 };
  expect((await failAttempt(open.line, held, failure)).ok).toBe(true);
  expect(await rowOf(open, first)).toMatchObject({ state: "blocked", block_kind: "quota", failures: 0 });
  await expect(assigned(open, second)).rejects.toThrow("found nothing");
  expect(await ask(open, "dev")).toBe("quota");
  expect(typeof (await ask(open, "dev", { credential: "of my own" }))).toBe("object");
  await sql(open, "update circuits set until = now()");
  await assigned(open, third);
});

test("how long a used-up quota keeps a task waiting is counted from when it was met, not from the claim", async () => {
  const open = await testLine();
  const settings = { commands: { dev: { run: "true", timeout_s: 60 } }, credential: "team a" };
  const project_id = await testProject(open, { repository_url: "/repository", settings });
  const { ids } = await submitted(open, newTasks(1), { project_id });
  const { held } = await assigned(open, ids[0] ?? "");
  // The agent has worked for twenty minutes.
  const old = { ...held, now: new Date(held.now.getTime() - 1_200_000), read_at: held.read_at - 1_200_000 };
  const failure = { message: "429", fault: "provider" as const, quota: true, retry_after_s: 600 };
  expect((await failAttempt(open.line, old, failure)).ok).toBe(true);
  const [wait] = await sql(open, "select extract(epoch from until - now()) as s from circuits");
  expect(Number(wait?.s)).toBeGreaterThan(590);
});

test("no lease is longer than the stage allows", async () => {
  const open = await testLine();
  await submitted(open);
  await sql(open, `update projects set settings = settings || '{"max_lease_minutes": {"dev": 0}}'`);
  await ask(open, "dev");
  const [row] = await sql(
    open,
    "select lease_expires_at <= updated_at as over, lease_ms from tasks join attempts on task_id = tasks.id",
  );
  expect(row).toEqual({ over: true, lease_ms: 0 });
});
