/** The reconciler on Redis: what a wiped, restarted or silent Redis lost comes back, all of it, in one pass. */
import { once } from "node:events";
import { connect } from "node:net";
import { type RedisServer, redisServerProgram, startRedis } from "@baton/queue/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { openReconciler, relayTickets } from "./index.ts";
import { newestTicket } from "./newest-ticket.ts";
import { testLine, testProject } from "./testing/index.ts";
import { newTasks, rowOf, sql, submitted } from "./testing/verbs.ts";

async function flushAll({ url }: RedisServer): Promise<void> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write("FLUSHALL\r\n");
  const [answer] = await once(socket, "data");
  socket.destroy();
  expect(String(answer)).toContain("+OK");
}

async function waiting(n: number) {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const open = await testLine({ kind: "redis", url: server.url });
  const commands = { dev: { run: "true", timeout_s: 60 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings: { commands } });
  const { ids } = await submitted(open, newTasks(n), { project_id });
  await open.line.settle();
  await sql(open, "update tasks set dispatched_at = now() - interval '10 s'");
  return { open, server, ids };
}

async function missing(open: Awaited<ReturnType<typeof waiting>>["open"], ids: string[]) {
  const rows = await Promise.all(ids.map((id) => rowOf(open, id)));
  return open.producer.missing(rows.flatMap(newestTicket));
}

describe.skipIf(redisServerProgram() === undefined)("the reconciler on Redis", () => {
  test("after FLUSHALL every stranded ticket is back in one pass", async () => {
    const { open, server, ids } = await waiting(700);
    expect(await openReconciler(open.line).tick()).toBe(0);
    await flushAll(server);
    expect(await missing(open, ids)).toHaveLength(700);
    expect(await openReconciler(open.line).tick()).toBe(700);
    await open.line.settle();
    expect(await missing(open, ids)).toEqual([]);
  });

  test("after Redis died and came back empty the tickets come back, and those of the time between too", async () => {
    const { open, server, ids } = await waiting(20);
    await server.kill();
    const later = await submitted(open, newTasks(5));
    await open.line.settle();
    await expect(openReconciler(open.line).tick()).rejects.toThrow("does not answer");
    await server.restart();
    await sql(open, "update outbox set created_at = now() - interval '10 s'");
    await expect.poll(() => relayTickets(open.line).catch(() => 0)).toBe(5);
    await expect
      .poll(() =>
        openReconciler(open.line)
          .tick()
          .catch(() => 0),
      )
      .toBe(20);
    await open.line.settle();
    expect(await missing(open, [...ids, ...later.ids])).toEqual([]);
  });
});
