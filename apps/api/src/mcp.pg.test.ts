/** Work done through MCP alone, with the SDK's own client in the protocol of 2026 and in that of 2025. */
import { randomUUID } from "node:crypto";
import type { ClaimedLease, CompletedLease, TaskAnswer } from "@baton/domain/api";
import { expect, test } from "vitest";
import { connectMcp, ERAS, type Era, type Mcp } from "./testing/mcp.ts";
import { serve, tokenOf } from "./testing/served.ts";
import { project, run } from "./testing/work.ts";

const api = await serve();
const producer_token = await tokenOf(api.admin, "producer");

const TWELVE = [
  ...["queue_status", "task_claim", "task_context", "task_heartbeat", "task_checkpoint", "artifact_put", "finding_add"],
  ...["task_complete", "task_fail", "task_block", "task_release", "task_create"],
];

type Stage = "dev" | "qa" | "sec" | "docs";
const packet = (output_summary: string) => ({ output_summary });

async function claim(mcp: Mcp, stage: Stage, more: Record<string, unknown> = {}): Promise<ClaimedLease> {
  const { work } = await mcp.ok("task_claim", { stages: [stage], agent: { id: `${stage}-agent` }, wait_s: 0, ...more });
  if (work === null) throw new Error(`nothing to claim in ${stage}`);
  return work as ClaimedLease;
}

const held = ({ lease }: ClaimedLease) => ({ lease_id: lease.id, epoch: lease.epoch });

async function complete(mcp: Mcp, stage: Stage, more: Record<string, unknown> = {}): Promise<CompletedLease> {
  const work = await claim(mcp, stage);
  const given = { ...held(work), result: "pass", packet: packet(`${stage} is done`), ...more };
  return (await mcp.ok("task_complete", given)) as unknown as CompletedLease;
}

const connect = (era: Era, token = api.agent_token) => connectMcp(api.url, token, era);

test.each(ERAS)(
  "there are exactly twelve tools, each with what an agent needs to know, and none for operators (%s)",
  async (era) => {
    const { client } = await connect(era);
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(TWELVE);
    for (const { title, description, inputSchema, outputSchema, annotations } of tools) {
      expect([title, description].map((text) => (text ?? "").length > 10)).toEqual([true, true]);
      expect([inputSchema.type, outputSchema?.type]).toEqual(["object", "object"]);
      expect(JSON.stringify([inputSchema, outputSchema])).not.toContain("$ref");
      expect(annotations).toMatchObject({ destructiveHint: false, openWorldHint: false });
    }
    const reading = tools.filter((tool) => tool.annotations?.readOnlyHint).map((tool) => tool.name);
    expect(reading).toEqual(["queue_status", "task_context"]);
    expect(client.getInstructions()).toContain("task_claim");
  },
);

test.each(ERAS)("a task goes from its creation to the end of the line, with one rejection (%s)", async (era) => {
  const [maker, mcp] = [await connect(era, producer_token), await connect(era)];
  const made = await maker.ok("task_create", {
    project_id: await project(api),
    title: "Greet",
    description: "hello",
  });
  const { id } = (made as TaskAnswer).task;
  const dev = await claim(mcp, "dev");
  expect(dev).toMatchObject({ task: { id, title: "Greet" }, packet: null });
  expect(dev.prompt).toContain("Greet");
  expect(await mcp.ok("task_context", { lease_id: dev.lease.id })).toMatchObject({ lease: { id: dev.lease.id } });
  expect(await mcp.ok("task_heartbeat", { ...held(dev), progress: "writing" })).toMatchObject({
    directive: "continue",
  });
  await mcp.ok("task_checkpoint", { ...held(dev), packet: packet("half of it") });
  const file = await mcp.ok("artifact_put", {
    ...held(dev),
    name: "notes.md",
    text: "größer",
    media_type: "text/markdown",
  });
  expect(file).toMatchObject({ artifact: { name: "notes.md", media_type: "text/markdown", size_bytes: 8 } });
  await mcp.ok("task_complete", { ...held(dev), result: "pass", packet: packet("wrote it") });

  const qa = await claim(mcp, "qa");
  expect(qa.packet?.output_summary).toBe("wrote it");
  const { findings } = await mcp.ok("finding_add", { ...held(qa), findings: [{ title: "no comma", kind: "bug" }] });
  expect(findings).toMatchObject([{ title: "no comma", status: "open" }]);
  const rejected = await mcp.ok("task_complete", { ...held(qa), result: "pass", packet: packet("tried it") });
  expect(rejected).toMatchObject({ verdict: "reject", task: { stage: "dev", visit: 2, rejections: 1 } });

  const again = await claim(mcp, "dev");
  expect(again.context.findings).toMatchObject([{ title: "no comma" }]);
  await mcp.ok("task_complete", { ...held(again), result: "pass", packet: packet("with a comma") });
  for (const stage of ["qa", "sec"] as const) expect((await complete(mcp, stage)).verdict).toBe("pass");
  expect((await complete(mcp, "docs")).task).toMatchObject({ id, state: "completed", stage: "complete" });
});

test.each(ERAS)("fail, block and release end a lease as they do over HTTP (%s)", async (era) => {
  const { tasks } = await run(api, [{ title: "t" }]);
  const mcp = await connect(era);
  await mcp.ok("task_release", held(await claim(mcp, "dev")));
  const failing = { error: { message: "no network", fault: "environment" } };
  expect(await mcp.ok("task_fail", { ...held(await claim(mcp, "dev")), ...failing })).toMatchObject({
    task: { state: "pending", failures: 0 },
  });
  await api.parts.line.db.run({ name: "due_now", text: "update tasks set due_at = now() where id = $1" }, [
    tasks[0]?.id,
  ]);
  const blocking = { kind: "needs_input", reason: "which colour?" };
  expect(await mcp.ok("task_block", { ...held(await claim(mcp, "dev")), ...blocking })).toMatchObject({
    task: { state: "blocked", blocked: { kind: "needs_input", reason: "which colour?" } },
  });
});

test.each(ERAS)("a lost lease says so, what to call next, and changes nothing (%s)", async (era) => {
  const { tasks } = await run(api, [{ title: "t" }]);
  const mcp = await connect(era);
  const mine = held(await claim(mcp, "dev"));
  await mcp.ok("task_release", mine);
  const before = await api.producer.ok("explain", { params: { id: tasks[0]?.id ?? "" } });
  const writes: [string, Record<string, unknown>][] = [
    ["task_heartbeat", {}],
    ["task_checkpoint", { packet: packet("x") }],
    ["artifact_put", { name: "a.txt", text: "x" }],
    ["finding_add", { findings: [{ title: "x" }] }],
    ["task_complete", { result: "pass", packet: packet("x") }],
    ["task_fail", { error: { message: "x", fault: "task" } }],
    ["task_block", { kind: "needs_input", reason: "x" }],
    ["task_context", {}],
  ];
  for (const [name, more] of writes) {
    const text = await mcp.refused(name, { ...mine, ...more });
    expect(text, name).toMatch(/^lease_lost \(410\)/);
    expect(text, name).toContain("Next: Stop working on this task");
  }
  expect(await api.producer.ok("explain", { params: { id: tasks[0]?.id ?? "" } })).toEqual(before);
});

test.each(ERAS)("a context asked for with another epoch is not that of the asker (%s)", async (era) => {
  await run(api, [{ title: "t" }]);
  const mcp = await connect(era);
  const { lease_id, epoch } = held(await claim(mcp, "dev"));
  expect(await mcp.refused("task_context", { lease_id, epoch: epoch + 1 })).toMatch(/^lease_lost/);
});

test.each(ERAS)(
  "where the texts say that a lease's fields are, there they are in what task_claim gives (%s)",
  async (era) => {
    await run(api);
    const mcp = await connect(era);
    const claim = await mcp.ok("task_claim", { stages: ["dev"], agent: { id: "ada" } });
    const { tools } = await mcp.client.listTools();
    const lost = await mcp.refused("task_heartbeat", { lease_id: randomUUID(), epoch: 1 });
    const said = [JSON.stringify(tools), mcp.client.getInstructions() ?? "", lost].join();
    const named = new Set([...said.matchAll(/`([\w.]*lease\.\w+)`/g)].map(([, path]) => path ?? ""));
    expect([...named]).toEqual(expect.arrayContaining(["work.lease.id", "work.lease.epoch"]));
    for (const path of named) {
      const found = path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], claim);
      expect(found, path).toBeDefined();
    }
  },
);

test.each(ERAS)("arguments that do not fit are named one by one, for every tool (%s)", async (era) => {
  const mcp = await connect(era);
  for (const name of TWELVE) {
    const text = await mcp.refused(name, { epoch: "one", nonsense: 1 });
    expect(text, name).toMatch(/^invalid_request \(400\)/);
    expect(text, name).toContain("- /nonsense: is not a known field");
    expect(text, name).toContain("Next: Correct the arguments");
  }
  expect(await mcp.refused("task_claim", { stages: ["dev"], agent: { id: "a" }, wait_s: 21 })).toContain("/wait_s");
  expect(await mcp.refused("task_create", { title: "t" })).toContain("exactly one of run_id and project_id");
  await expect(mcp.client.callTool({ name: "run_kill" })).rejects.toThrow("run_kill");
});

test.each(ERAS)("a role gets as far as it gets over HTTP (%s)", async (era) => {
  const [agent, producer] = [await connect(era), await connect(era, producer_token)];
  const project_id = await project(api);
  expect(await agent.refused("task_create", { project_id, title: "t" })).toMatch(/^forbidden \(403\)/);
  expect(await producer.refused("task_claim", { stages: ["dev"], agent: { id: "a" } })).toMatch(/^forbidden \(403\)/);
});
