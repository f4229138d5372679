/** A.1 and A.3: an answer lost on the wire strands nothing, and a lease that is lost makes every later write 410, with nothing changed. */
import type { ClaimedLease } from "@baton/domain/api";
import { rescueTasks } from "@baton/pipeline";
import { expect, test } from "vitest";
import { sql } from "./testing/behind.ts";
import { serve } from "./testing/served.ts";
import { claimBody, claimed, PACKET, run } from "./testing/work.ts";

const api = await serve();

test("A.1: a claim_id that is repeated gives the same lease for as long as it lives, also to many at once", async () => {
  await run(api, [{ title: "one" }, { title: "two" }]);
  const body = claimBody();
  const answers = await Promise.all(Array.from({ length: 8 }, () => api.agent.call("claim", { body })));
  const ids = new Set(answers.filter(({ status }) => status < 300).map(({ value }) => value?.lease.id));
  expect(ids.size).toBe(1);
  const [id = ""] = ids;
  await api.agent.ok("heartbeat", { params: { id }, body: { epoch: 1 } });
  const again = await api.agent.call("claim", { body });
  expect(again).toMatchObject({ status: 200, value: { lease: { id, epoch: 1 } } });
  expect(await sql(api, "select count(*)::int as leases from attempts where claim_id = $1", body.claim_id)).toEqual([
    { leases: 1 },
  ]);
});

test("what a claim answered is told once more, to its holder, and only while the lease lives", async () => {
  await run(api, [{ title: "Add a field" }]);
  const { prompt, ...mine } = await claimed(api);
  const params = { id: mine.lease.id };
  const { prompt: told, ...again } = await api.agent.ok("taskContext", { params });
  expect(again).toEqual(mine);
  expect(told).toHaveLength(prompt.length);
  expect(await api.producer.call("taskContext", { params })).toMatchObject({ status: 403 });
  await api.agent.ok("release", { params, body: { epoch: mine.lease.epoch } });
  expect(await api.agent.call("taskContext", { params })).toMatchObject({ status: 410 });
});

/** How a lease is lost, and what its holder finds afterwards. */
const LOSSES: Record<string, (lost: ClaimedLease) => Promise<unknown>> = {
  expired: expire,
  "taken back": async (lost) => {
    await expire(lost);
    await rescueTasks(api.parts.line);
  },
  "taken over": async (lost) => {
    await expire(lost);
    await rescueTasks(api.parts.line);
    await claimed(api);
  },
  released: ({ lease }) => api.agent.ok("release", { params: { id: lease.id }, body: { epoch: lease.epoch } }),
  killed: ({ task }) => api.producer.ok("killRun", { params: { id: task.run_id }, body: {} }),
  cancelled: ({ task }) => api.producer.ok("cancelTask", { params: { id: task.id }, body: {} }),
};

function expire({ task }: ClaimedLease) {
  return sql(api, "update tasks set lease_expires_at = now() - interval '1 ms' where id = $1", task.id);
}

const usage = { tokens_in: 7, cost_usd: "1.000000" };
const finding = { title: "late", severity: "high" as const };
const file = { body: "late", headers: { "content-type": "text/plain" } };

/** Every write that a holder can make. */
const WRITES: Record<string, (lost: ClaimedLease["lease"]) => Promise<{ status: number }>> = {
  heartbeat: ({ id, epoch }) =>
    api.agent.call("heartbeat", { params: { id }, body: { epoch, progress: "still here" } }),
  usage: ({ id, epoch }) => api.agent.call("heartbeat", { params: { id }, body: { epoch, usage } }),
  checkpoint: ({ id, epoch }) => api.agent.call("checkpoint", { params: { id }, body: { epoch, packet: PACKET } }),
  findings: ({ id, epoch }) => api.agent.call("addFindings", { params: { id }, body: { epoch, findings: [finding] } }),
  artifact: ({ id, epoch }) => api.agent.raw("PUT", `/api/leases/${id}/artifacts/late.txt?epoch=${epoch}`, file),
  proof: ({ id, epoch, task_id }) =>
    api.agent.raw("POST", `/api/tasks/${task_id}/proofs?name=late.txt&lease_id=${id}&epoch=${epoch}`, file),
  pass: ({ id, epoch }) =>
    api.agent.call("complete", { params: { id }, body: { epoch, result: "pass", packet: PACKET, usage } }),
  reject: ({ id, epoch }) =>
    api.agent.call("complete", {
      params: { id },
      body: { epoch, result: "reject", packet: PACKET, findings: [finding] },
    }),
  fail: ({ id, epoch }) =>
    api.agent.call("fail", { params: { id }, body: { epoch, error: { message: "late", fault: "task" } } }),
  quota: ({ id, epoch }) =>
    api.agent.call("fail", {
      params: { id },
      body: { epoch, error: { message: "late", fault: "provider", quota: true } },
    }),
  block: ({ id, epoch }) =>
    api.agent.call("block", { params: { id }, body: { epoch, kind: "needs_input", reason: "late" } }),
  release: ({ id, epoch }) => api.agent.call("release", { params: { id }, body: { epoch } }),
};

const TABLES = [
  ...["tasks", "attempts", "events", "handoff_packets", "findings", "artifacts", "proofs", "artifact_transfers"],
  ...["outbox", "circuits", "stage_pauses", "task_messages", "runs", "idempotency_keys"],
];

/** Everything that a write could have changed, to the last field. */
async function everything() {
  const rows = await Promise.all(
    TABLES.map(async (table) => [
      table,
      await sql(api, `select coalesce(json_agg(row order by row::text), '[]') as rows from ${table} as row`),
    ]),
  );
  return Object.fromEntries(rows) as Record<string, unknown>;
}

/** Tickets are forgotten once they are sent: that must not look like a change. */
async function atRest() {
  await api.parts.line.settle();
  return everything();
}

/** A heartbeat is how a holder learns that its task was cancelled: it is told so, and changes nothing either. */
function expected(loss: string, write: string): number {
  const told = ["killed", "cancelled"].includes(loss) && ["heartbeat", "usage"].includes(write);
  return told ? 200 : 410;
}

test.each(Object.keys(LOSSES))("A.3: after a lease was %s every write is 410 and nothing is changed", async (loss) => {
  const { tasks } = await run(api);
  const lost = await claimed(api);
  await api.producer.ok("postMessage", { params: { id: tasks[0]?.id ?? "" }, body: { text: "for a holder" } });
  await LOSSES[loss]?.(lost);
  const before = await atRest();
  for (const [name, write] of Object.entries(WRITES)) {
    const answer = await write(lost.lease);
    expect(`${name} ${answer.status}`).toBe(`${name} ${expected(loss, name)}`);
  }
  expect(await atRest()).toEqual(before);
});

test("A.3: a wrong epoch is a lost lease, even for the lease that lives", async () => {
  await run(api);
  const { lease } = await claimed(api);
  const before = await atRest();
  for (const [name, write] of Object.entries(WRITES)) {
    expect(`${name} ${(await write({ ...lease, epoch: lease.epoch + 1 })).status}`).toBe(`${name} 410`);
  }
  expect(await atRest()).toEqual(before);
});

test("A.3: findings that arrive while the work is being completed are either part of it or refused", async () => {
  for (let round = 0; round < 5; round += 1) {
    await run(api);
    const { lease } = await claimed(api);
    const params = { id: lease.id };
    const [added, done] = await Promise.all([
      api.agent.call("addFindings", { params, body: { epoch: lease.epoch, findings: [finding] } }),
      api.agent.call("complete", { params, body: { epoch: lease.epoch, result: "pass", packet: PACKET } }),
    ]);
    expect(done.status).toBe(200);
    expect(done.value.verdict).toBe(added.status === 200 ? "reject" : "pass");
  }
});
