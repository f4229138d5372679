/** Many at a time, repeated calls, and waits: each caller gets its own answer, in time. */
import type { ClaimedLease, TaskAnswer } from "@baton/domain/api";
import { expect, onTestFinished, test } from "vitest";
import { drainServer } from "./server.ts";
import { connectMcp, ERAS } from "./testing/mcp.ts";
import { serve, tokenOf } from "./testing/served.ts";
import { claimBody, project, run } from "./testing/work.ts";

const api = await serve();

const packet = { output_summary: "done" };
const asking = (id: string, more: Record<string, unknown> = {}) => ({ stages: ["dev"], agent: { id }, ...more });
const heldBy = ({ work }: Record<string, unknown>) => {
  const { lease } = work as ClaimedLease;
  return { lease_id: lease.id, epoch: lease.epoch };
};

test.each(ERAS)(
  "fifty at a time with the same request ids and one token each work a task of their own (%s)",
  async (era) => {
    const titles = Array.from({ length: 50 }, (_, n) => `task ${n}`);
    await run(
      api,
      titles.map((title) => ({ title })),
    );
    const ids: unknown[][] = [];
    const worked = await Promise.all(
      titles.map(async (_, n) => {
        const heard: unknown[] = (ids[n] = []);
        const mcp = await connectMcp(
          api.url,
          api.agent_token,
          era,
          ({ id }) => void (id !== undefined && heard.push(id)),
        );
        const claimed = await mcp.ok("task_claim", asking(`${era} agent ${n}`, { claim_id: "claim-1" }));
        const { title } = (claimed.work as ClaimedLease).task;
        const said = { output_summary: `${title} by ${n}` };
        const ended = await mcp.ok("task_complete", { ...heldBy(claimed), result: "pass", packet: said });
        expect(ended).toMatchObject({ task: { title, stage: "qa" }, packet: said });
        return title;
      }),
    );
    expect(worked.toSorted()).toEqual(titles.toSorted());
    expect(new Set(ids.map((own) => JSON.stringify(own))).size).toBe(1);
  },
);

test.each(ERAS)("a repeated call with the same arguments does no harm (%s)", async (era) => {
  await run(api, [{ title: "a" }, { title: "b" }]);
  const mcp = await connectMcp(api.url, api.agent_token, era);
  const first = await mcp.ok("task_claim", asking("me", { claim_id: `x-${era}` }));
  expect(heldBy(await mcp.ok("task_claim", asking("me", { claim_id: `x-${era}` })))).toEqual(heldBy(first));
  expect(heldBy(await mcp.ok("task_claim", asking("you", { claim_id: `x-${era}` })))).not.toEqual(heldBy(first));
  const complete = () => mcp.ok("task_complete", { ...heldBy(first), result: "pass", packet });
  expect(await complete()).toEqual(await complete());
  expect(await mcp.refused("task_claim", asking("me", { claim_id: `x-${era}` }))).toContain("with a new claim_id");

  const maker = await connectMcp(api.url, await tokenOf(api.admin, "producer"), era);
  const [project_id, { run: made }] = [await project(api), await run(api)];
  const created = async (args: Record<string, unknown>) => ((await maker.ok("task_create", args)) as TaskAnswer).task;
  for (const place of [{ project_id }, { run_id: made.id }]) {
    const first_made = await created({ ...place, title: "same" });
    expect((await created({ ...place, title: "same" })).id).toBe(first_made.id);
    const other = await created({ ...place, title: "same", call_id: "another" });
    expect(other.id).not.toBe(first_made.id);
    for (const { run_id: id } of [first_made, other]) await api.producer.call("killRun", { params: { id }, body: {} });
  }
});

test.each(ERAS)("whoever hangs up in the middle of a wait stops waiting (%s)", async (era) => {
  const mcp = await connectMcp(api.url, api.agent_token, era);
  const waiting = mcp.ok("task_claim", asking("me", { stages: ["sec"] })).catch(() => null);
  await expect.poll(api.waiting).toBe(1);
  await mcp.client.close();
  await waiting;
  await expect.poll(api.waiting).toBe(0);
});

test.each(ERAS)("work that comes in the middle of a wait ends it (%s)", async (era) => {
  const mcp = await connectMcp(api.url, api.agent_token, era);
  const waiting = mcp.ok("task_claim", asking("me"));
  await expect.poll(api.waiting).toBe(1);
  await run(api, [{ title: "at last" }]);
  expect(await waiting).toMatchObject({ work: { task: { title: "at last" } }, reason: null });
});

test.each(ERAS)("a server that shuts down in the middle of a wait answers it, and ends in time (%s)", async (era) => {
  const own = await serve({}, onTestFinished);
  const mcp = await connectMcp(own.url, own.agent_token, era);
  const waiting = mcp.ok("task_claim", asking("me"));
  await expect.poll(own.waiting).toBe(1);
  const asked = performance.now();
  const drained = drainServer(own.server, own.drain);
  expect(await waiting).toMatchObject({ work: null });
  await drained;
  expect(performance.now() - asked).toBeLessThan(5_000);
});

test("a wait without work ends within 25 s and says why there was none", { timeout: 40_000 }, async () => {
  const mcp = await connectMcp(api.url, api.agent_token);
  const asked = performance.now();
  const { work, reason, retry_after_s } = await mcp.ok("task_claim", asking("me", { stages: ["docs"] }));
  expect([work, reason]).toEqual([null, "empty"]);
  expect(retry_after_s).toBeGreaterThan(0);
  expect(performance.now() - asked).toBeGreaterThan(19_000);
  expect(performance.now() - asked).toBeLessThan(25_000);
});

test("over HTTP and over MCP one sees the same", async () => {
  await run(api, [{ title: "seen" }]);
  const mcp = await connectMcp(api.url, api.agent_token);
  const status = await api.agent.ok("status");
  expect(await mcp.ok("queue_status")).toMatchObject({ version: status.version, stages: { dev: { ready: 1 } } });
  const work = await api.agent.ok("claim", { body: claimBody(["dev"]) });
  if (work === null) throw new Error("nothing to claim");
  expect(await mcp.ok("task_context", { lease_id: work.lease.id, epoch: work.lease.epoch })).toEqual(work);
});
