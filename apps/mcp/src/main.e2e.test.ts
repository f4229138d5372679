/** The program as agents' programs run it, against a running API: work, crowds, and every way it ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { COMPILED } from "@baton/db/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { startApi } from "./testing/api.ts";
import { ERAS, MAIN, programAt, start } from "./testing/program.ts";
import { withholdingWay } from "./testing/withholding-way.ts";

interface Work {
  lease: { id: string; epoch: number };
  task: { id: string; title: string };
  context: { findings: { title: string }[] };
}

interface Made {
  project: { id: string };
}

/** Three programs start for each of these tests, which takes its time on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const packet = { output_summary: "done" };
const claiming = (id: string, stage = "dev") => ({ stages: [stage], agent: { id }, wait_s: 0 });
const held = ({ lease }: Work) => ({ lease_id: lease.id, epoch: lease.epoch });

test.each(ERAS)("a task goes from its creation to the end of the line, with one rejection (%s)", async (era) => {
  const api = await startApi();
  const { project } = await api.post<Made>("/api/projects", { name: "p" });
  const maker = await start(programAt(api.url, await api.tokenFor("producer")), era);
  const mcp = await start(programAt(api.url, await api.tokenFor("agent")), era);
  expect((await mcp.client.listTools()).tools).toHaveLength(12);
  await maker.ok("task_create", { project_id: project.id, title: "Greet" });
  const step = async (stage: string, more: Record<string, unknown> = {}) => {
    const { work } = (await mcp.ok("task_claim", claiming(`${stage}-agent`, stage))) as unknown as { work: Work };
    const ended = await mcp.ok("task_complete", { ...held(work), result: "pass", packet, ...more });
    return { ...ended, fixes: work.context.findings.map((finding) => finding.title) };
  };
  await step("dev");
  const findings = [{ title: "no comma", severity: "high" }];
  expect(await step("qa", { result: "reject", findings })).toMatchObject({ verdict: "reject", task: { stage: "dev" } });
  expect(await step("dev")).toMatchObject({ fixes: ["no comma"], task: { stage: "qa" } });
  for (const stage of ["qa", "sec"]) expect(await step(stage)).toMatchObject({ verdict: "pass" });
  expect(await step("docs")).toMatchObject({ task: { title: "Greet", state: "completed" } });
});

test("fifty calls at a time from ten programs with the same request ids each work a task of their own", {
  timeout: 120_000,
}, async () => {
  const api = await startApi();
  const token = await api.tokenFor("agent");
  const { project } = await api.post<Made>("/api/projects", { name: "p" });
  const titles = Array.from({ length: 50 }, (_, n) => `task ${n}`);
  const tasks = titles.map((title) => ({ title }));
  await api.post("/api/runs", { project_id: project.id, name: "r", tasks });
  const ids: unknown[][] = Array.from({ length: 10 }, () => []);
  const programs = await Promise.all(
    ids.map((own) => start(programAt(api.url, token), "legacy", (id) => own.push(id))),
  );
  const agents = programs.flatMap((mcp, n) => [0, 1, 2, 3, 4].map((k) => ({ mcp, agent: `agent ${n}.${k}` })));
  const worked = await Promise.all(
    agents.map(async ({ mcp, agent }) => {
      const { work } = (await mcp.ok("task_claim", claiming(agent))) as unknown as { work: Work };
      const said = { output_summary: `${work.task.title} by ${agent}` };
      const ended = await mcp.ok("task_complete", { ...held(work), result: "pass", packet: said });
      expect(ended).toMatchObject({ task: { title: work.task.title, stage: "qa" }, packet: said });
      return work.task.title;
    }),
  );
  expect(worked.toSorted()).toEqual(titles.toSorted());
  expect(new Set(ids.map((own) => JSON.stringify(own))).size).toBe(1);
});

test("a token that is refused is told by every tool, with whom to ask", async () => {
  const api = await startApi();
  const mcp = await start(programAt(api.url, "nobody"));
  const { isError, content } = await mcp.call("task_claim", claiming("a"));
  expect([isError, content[0]]).toMatchObject([true, { text: expect.stringMatching(/^unauthenticated \(401\)/) }]);
  expect(content[0]).toMatchObject({ text: expect.stringContaining("A valid Baton token is needed.") });
});

test("a server that shuts down in the middle of a wait ends it with an answer", async () => {
  const api = await startApi();
  const mcp = await start(programAt(api.url, await api.tokenFor("agent")));
  const waiting = mcp.ok("task_claim", { stages: ["dev"], agent: { id: "a" } });
  await expect.poll(api.waiting).toBe(1);
  api.child.kill("SIGTERM");
  expect(await waiting).toMatchObject({ work: null });
});

test("a server that is killed in the middle of a wait is told as away within 25 s", { timeout: 60_000 }, async () => {
  const api = await startApi();
  const mcp = await start(programAt(api.url, await api.tokenFor("agent")));
  const waiting = mcp.call("task_claim", { stages: ["dev"], agent: { id: "a" } });
  await expect.poll(api.waiting).toBe(1);
  const asked = performance.now();
  api.child.kill("SIGKILL");
  const { isError, content } = await waiting;
  expect([isError, content[0]]).toMatchObject([true, { text: expect.stringMatching(/^unavailable \(503\)/) }]);
  expect(performance.now() - asked).toBeLessThan(25_000);
});

/** The program, with a claim under way. */
function claimUnderWay(url: string, token: string) {
  const env = { ...COMPILED, BATON_URL: url, BATON_TOKEN: token };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const args = { stages: ["dev"], agent: { id: "a" } };
  const client = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "c", version: "1" } };
  const said = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  said({ id: 1, method: "initialize", params: client });
  said({ method: "notifications/initialized" });
  said({ id: 2, method: "tools/call", params: { name: "task_claim", arguments: args } });
  return { child, said };
}

test.each(["SIGTERM", "SIGINT", "its client leaving", "a cancel"])(
  "%s while the answer to a claim is under way gives the lease back",
  async (end) => {
    const api = await startApi();
    const { project } = await api.post<Made>("/api/projects", { name: "p" });
    const made = { project_id: project.id, name: "r", tasks: [{ title: "t" }] };
    const { tasks } = await api.post<{ tasks: { id: string }[] }>("/api/runs", made);
    const way = await withholdingWay(api.url);
    const { child, said } = claimUnderWay(way.url, await api.tokenFor("agent"));
    await expect.poll(way.withheld, { timeout: 30_000 }).toBe(true);
    const ended = once(child, "exit");
    if (end.startsWith("SIG")) child.kill(end as NodeJS.Signals);
    else if (end === "a cancel") said({ method: "notifications/cancelled", params: { requestId: 2 } });
    else child.stdin.end();
    expect(end === "a cancel" ? 0 : (await ended)[0]).toBe(0);
    const types = async () => {
      const path = `/api/tasks/${tasks[0]?.id}/timeline`;
      const { items } = await api.get<{ items: { type: string }[] }>(path);
      return items.map(({ type }) => type);
    };
    await expect.poll(types, { timeout: 10_000 }).toEqual(["submitted", "claimed", "released"]);
  },
);

test.each(["SIGTERM", "SIGINT", "its client leaving"])(
  "%s in the middle of a wait ends the program and the wait",
  async (end) => {
    const api = await startApi();
    const { child } = claimUnderWay(api.url, await api.tokenFor("agent"));
    await expect.poll(api.waiting).toBe(1);
    const ended = once(child, "exit");
    if (end.startsWith("SIG")) child.kill(end as NodeJS.Signals);
    else child.stdin.end();
    expect((await ended)[0]).toBe(0);
    await expect.poll(api.waiting).toBe(0);
  },
);

test("bad settings are told all at once on standard error, and end the program with 78", async () => {
  const child = spawn(process.execPath, [MAIN], { env: { BATON_URL: "ftp://x", BATON_TOKEN: "" } });
  const [said, complained, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  expect([said, code]).toEqual(["", 78]);
  expect(complained.split("\n").map((line) => line.split(" ")[0])).toEqual(["BATON_URL", "BATON_TOKEN", ""]);
});
