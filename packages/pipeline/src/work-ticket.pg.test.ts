/** A hosted worker and its ticket: what becomes of the task however the work ends. */
import { openDatabase } from "@baton/db";
import { openProducer, type Ticket } from "@baton/queue";
import { startProxy } from "@baton/queue/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { cancelTask, type HostedResult, type HostedWorker, openLine, postMessage, workTicket } from "./index.ts";
import { newestTicket } from "./newest-ticket.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { countOf, evidence, happened, rowOf, sql, submitted, valueOf } from "./testing/verbs.ts";

const done: HostedResult = { outcome: "done", ...evidence() };

async function ticketed() {
  const open = await testLine();
  const commands = { dev: { run: "true", timeout_s: 60 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings: { commands } });
  const { id } = await submitted(open, undefined, { project_id });
  const ticket: Ticket = { task_id: id, stage: "dev", visit: 1, dispatch: 1 };
  return { open, id, ticket };
}

function worker(work: HostedWorker["work"], more: Partial<HostedWorker> = {}): HostedWorker {
  const agent = { id: "worker", kind: "hosted" };
  return { agent, lease_ms: 60_000, shutdown: new AbortController().signal, work, ...more };
}

const attempts = (open: TestLine) => sql(open, "select outcome, fault, message from attempts");

test("work that is done moves the task on, and is accepted then", async () => {
  const { open, id, ticket } = await ticketed();
  const accepted = vi.fn<NonNullable<HostedWorker["accepted"]>>(async () => {
    expect(await rowOf(open, id)).toMatchObject({ stage: "qa", state: "pending" });
  });
  expect(
    await workTicket(
      open.line,
      ticket,
      worker(async () => done, { accepted }),
    ),
  ).toBe("pass");
  expect(accepted).toHaveBeenCalledTimes(1);
});

test("the work is told everything it needs", async () => {
  const { open, id, ticket } = await ticketed();
  const work = vi.fn<HostedWorker["work"]>(async () => done);
  await workTicket(open.line, ticket, worker(work));
  expect(work.mock.calls[0]?.[0]).toMatchObject({
    ...{ stage: "dev", claimed: { id, attempt: 1 }, held: { lease: { epoch: 1 }, source: null } },
    context: { spec: { title: "a task" }, project: { repository_url: "/repository" }, packets: [], findings: [] },
  });
});

test("a ticket whose task is in the hands of others looks again: they may leave it", async () => {
  const { open, id, ticket } = await ticketed();
  const others = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const looking = open.db.transaction(async (tx) => {
    await sql({ ...open, db: tx } as TestLine, "select id from tasks where id = $1 for no key update", id);
    locked.resolve();
    await others.promise;
  });
  await locked.promise;
  const claims: unknown[] = [];
  const add = open.line.claims.add;
  open.line.claims.add = async (asked) => {
    claims.push(await add(asked));
    if (claims.length === 3) others.resolve();
    return claims.at(-1) as Awaited<ReturnType<typeof add>>;
  };
  const word = workTicket(
    open.line,
    ticket,
    worker(async () => done),
  );
  await looking;
  expect(await word).toBe("pass");
  expect(claims.slice(0, 3)).toEqual(["busy", "busy", "busy"]);
});

test("a database that goes away right after the claim costs the task no attempt", async () => {
  const { open, ticket } = await ticketed();
  const add = open.line.contexts.add;
  let away = true;
  open.line.contexts.add = (id) => {
    if (!away) return add(id);
    away = false;
    return Promise.reject(new Error("Connection terminated unexpectedly"));
  };
  const word = workTicket(
    open.line,
    ticket,
    worker(async () => done),
  );
  expect(await word).toBe("pass");
  expect(await attempts(open)).toEqual([{ outcome: "pass", fault: null, message: null }]);
});

test.each([
  ["before the claim was made", false],
  ["after the claim was made, so that its answer is lost", true],
])("a database that goes away %s costs neither the ticket nor an attempt", async (_, made) => {
  const { open, id, ticket } = await ticketed();
  const add = open.line.claims.add;
  let away = true;
  open.line.claims.add = async (asked) => {
    if (!away) return add(asked);
    away = false;
    if (made) await add(asked);
    throw new Error("Connection terminated unexpectedly");
  };
  const word = workTicket(
    open.line,
    ticket,
    worker(async () => done),
  );
  expect(await word).toBe("pass");
  expect(await attempts(open)).toEqual([{ outcome: "pass", fault: null, message: null }]);
  expect(await rowOf(open, id)).toMatchObject({ stage: "qa", crashes: 0 });
});

test("a claim that was still under way when its answer was lost is found, though the next look finds the task locked", async () => {
  const { open, id, ticket } = await ticketed();
  const add = open.line.claims.add;
  let looks = 0;
  open.line.claims.add = async (asked) => {
    looks += 1;
    if (looks === 1) throw new Error("Connection terminated unexpectedly");
    if (looks > 2) return add(asked);
    // The first claim is committed between the two.
    await add(asked);
    return "busy";
  };
  const word = workTicket(
    open.line,
    ticket,
    worker(async () => done),
  );
  expect(await word).toBe("pass");
  expect(await rowOf(open, id)).toMatchObject({ stage: "qa", crashes: 0, epoch: 1 });
});

test("work whose acceptance was not heard is accepted all the same when it is told again", async () => {
  const { open, id, ticket } = await ticketed();
  const write = open.line.write;
  open.line.write = async (change) => {
    open.line.write = write;
    await write(change);
    throw new Error("Connection terminated unexpectedly");
  };
  const accepted = vi.fn<NonNullable<HostedWorker["accepted"]>>(async () => undefined);
  expect(
    await workTicket(
      open.line,
      ticket,
      worker(async () => done, { accepted }),
    ),
  ).toBe("pass");
  expect(accepted).toHaveBeenCalledTimes(1);
  expect(await rowOf(open, id)).toMatchObject({ stage: "qa", visit: 1, epoch: 1 });
});

test("a lease of which a quarter is gone before the work begins is kept at once", async () => {
  const { open, ticket } = await ticketed();
  const add = open.line.contexts.add;
  open.line.contexts.add = async (id) => {
    await sql(open, "update tasks set lease_expires_at = now() + interval '30 s'");
    return add(id);
  };
  const claim = open.line.claims.add;
  open.line.claims.add = async (asked) => {
    const claimed = await claim(asked);
    if (claimed === null || claimed === "busy") return claimed;
    return { ...claimed, lease_expires_at: new Date(claimed.now.getTime() + 30_000) };
  };
  const beats = () => sql(open, "select from attempts where heartbeat_at > started_at");
  const work = async () => {
    await expect.poll(beats, { timeout: 5_000 }).toHaveLength(1);
    return done;
  };
  expect(await workTicket(open.line, ticket, worker(work))).toBe("pass");
});

test("a late or double ticket finds nothing to do, and nothing is worked twice", async () => {
  const { open, ticket } = await ticketed();
  const work = vi.fn<HostedWorker["work"]>(async () => done);
  const words = await Promise.all([1, 2, 3].map(() => workTicket(open.line, ticket, worker(work))));
  expect(words.sort()).toEqual(["nothing to do", "nothing to do", "pass"]);
  expect(await workTicket(open.line, ticket, worker(work))).toBe("nothing to do");
  expect(work).toHaveBeenCalledTimes(1);
});

test("work that throws is the worker's fault, and is not charged", async () => {
  const { open, id, ticket } = await ticketed();
  const broken = () => Promise.reject(new Error(`disk full\0 ${"😀".repeat(2_000)}`));
  expect(await workTicket(open.line, ticket, worker(broken))).toBe("fail");
  expect(await rowOf(open, id)).toMatchObject({ state: "pending", failures: 0, crashes: 0, attempt: 1 });
  expect(await attempts(open)).toMatchObject([{ outcome: "fail", fault: "worker" }]);
});

test("work that failed, or has to wait, says so", async () => {
  const { open, id, ticket } = await ticketed();
  const failing = async (): Promise<HostedResult> => ({
    outcome: "fail",
    fault: "task",
    message: "no",
    usage: { tokens_in: 3 },
  });
  expect(await workTicket(open.line, ticket, worker(failing))).toBe("fail");
  expect(await rowOf(open, id)).toMatchObject({ state: "pending", failures: 1 });
  await sql(open, "update tasks set due_at = now()");
  const asking = async (): Promise<HostedResult> => ({ outcome: "block", kind: "needs_input", reason: "which?" });
  expect(await workTicket(open.line, ticket, worker(asking))).toBe("block");
  expect(await rowOf(open, id)).toMatchObject({ state: "blocked", block_reason: "which?" });
});

/** Works until its signal fires. */
const untilStopped: HostedWorker["work"] = (_, signal) =>
  new Promise((resolve) => {
    const stop = () => resolve({ outcome: "stopped" });
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });

test("work that is stopped by a shutdown is given back and costs nothing", async () => {
  const { open, id, ticket } = await ticketed();
  const shutdown = new AbortController();
  const working = workTicket(open.line, ticket, worker(untilStopped, { shutdown: shutdown.signal }));
  await expect.poll(async () => (await rowOf(open, id)).state).toBe("running");
  shutdown.abort();
  expect(await working).toBe("release");
  expect(await rowOf(open, id)).toMatchObject({ state: "pending", failures: 0, crashes: 0 });
  expect(await workTicket(open.line, ticket, worker(untilStopped, { shutdown: shutdown.signal }))).toBe(
    "shutting down",
  );
});

test("work is not begun when the process shuts down between the claim and the work", async () => {
  const { open, id, ticket } = await ticketed();
  const shutdown = new AbortController();
  const work = vi.fn<HostedWorker["work"]>(async () => done);
  const contexts = {
    ...open.line.contexts,
    add: (task_id: string) => (shutdown.abort(), open.line.contexts.add(task_id)),
  };
  expect(await workTicket({ ...open.line, contexts }, ticket, { ...worker(work), shutdown: shutdown.signal })).toBe(
    "release",
  );
  expect(work).not.toHaveBeenCalled();
  expect(await rowOf(open, id)).toMatchObject({ state: "pending" });
});

test("work that breaks because it was stopped is given back too", async () => {
  const { open, id, ticket } = await ticketed();
  const shutdown = new AbortController();
  const breaking: HostedWorker["work"] = async (...given) => {
    await untilStopped(...given);
    throw new Error("killed");
  };
  const working = workTicket(open.line, ticket, worker(breaking, { shutdown: shutdown.signal }));
  await expect.poll(async () => (await rowOf(open, id)).state).toBe("running");
  shutdown.abort();
  expect(await working).toBe("release");
});

test("work whose task is cancelled is told to stop, and nothing of it counts", async () => {
  const { open, id, ticket } = await ticketed();
  const accepted = vi.fn<NonNullable<HostedWorker["accepted"]>>(async () => {});
  const late: HostedWorker["work"] = async (...given) => {
    await untilStopped(...given);
    return done;
  };
  const working = workTicket(open.line, ticket, worker(late, { lease_ms: 6_000, accepted }));
  await expect.poll(async () => (await rowOf(open, id)).state).toBe("running");
  const cancelled = performance.now();
  valueOf(await cancelTask(open.line, open.admin, { id }));
  expect(await working).toBe("lease_lost");
  // By the next heartbeat, not by the end of its lease.
  expect(performance.now() - cancelled).toBeLessThan(5_000);
  expect(accepted).not.toHaveBeenCalled();
  expect(await happened(open, id)).toEqual(["submitted", "claimed", "cancelled"]);
});

test("a lease is kept for as long as the work takes", async () => {
  const { open, id, ticket } = await ticketed();
  const lease = async () => (await rowOf(open, id)).lease_expires_at?.getTime() ?? 0;
  const long: HostedWorker["work"] = async () => {
    const first = await lease();
    await expect.poll(lease).toBeGreaterThan(first + 500);
    return done;
  };
  expect(await workTicket(open.line, ticket, worker(long, { lease_ms: 4_000 }))).toBe("pass");
});

/** The same line seen by a worker whose way to the database can be cut. */
async function cuttable(open: TestLine) {
  const proxy = await startProxy(open.database_url, 5_432);
  const db = openDatabase(proxy.url, { connections: 3 });
  const producer = openProducer(open.backend, { onError: () => {} });
  onTestFinished(async () => {
    await producer.close();
    await db.close();
    await proxy.close();
  });
  return { proxy, line: openLine({ db, store: open.store, producer, onError: () => {} }) };
}

test("work that ends while the database is away is told when it is back", async () => {
  const { open, id, ticket } = await ticketed();
  const { proxy, line } = await cuttable(open);
  const cut = Promise.withResolvers<void>();
  const cutting: HostedWorker["work"] = async () => {
    await proxy.cut();
    cut.resolve();
    return done;
  };
  const working = workTicket(line, ticket, worker(cutting));
  await cut.promise;
  await proxy.heal();
  expect(await working).toBe("pass");
  expect(await rowOf(open, id)).toMatchObject({ stage: "qa" });
});

test("work whose lease runs out while the database is away is told to stop", async () => {
  const { open, ticket } = await ticketed();
  const { proxy, line } = await cuttable(open);
  const cutting: HostedWorker["work"] = async (assignment, signal) => {
    await proxy.cut();
    return untilStopped(assignment, signal);
  };
  await expect(workTicket(line, ticket, worker(cutting, { lease_ms: 800 }))).rejects.toThrow();
  expect(await attempts(open)).toEqual([{ outcome: null, fault: null, message: null }]);
});

test("what people say is heard by the work while it goes on, and waits where nobody hears it", async () => {
  const { open, id, ticket } = await ticketed();
  valueOf(await postMessage(open.line, open.admin, { id, text: "mind the gap" }));
  const waiting = () => countOf(open, "task_messages where delivered_at is null");
  const beats = () => sql(open, "select from attempts where heartbeat_at > started_at");
  await workTicket(open.line, ticket, {
    ...worker(async () => {
      await expect.poll(beats).toHaveLength(1);
      return { outcome: "stopped" };
    }),
    lease_ms: 400,
  });
  expect(await waiting()).toBe(1);
  const heard: string[] = [];
  const listener =
    () =>
    async ({ messages }: { messages: readonly { text: string }[] }) => {
      heard.push(...messages.map(({ text }) => text));
    };
  const work: HostedWorker["work"] = async () => {
    await expect.poll(() => heard).toEqual(["mind the gap"]);
    return done;
  };
  const [again] = newestTicket(await rowOf(open, id));
  if (again === undefined) throw new Error("the task has no ticket");
  expect(await workTicket(open.line, again, { ...worker(work, { listener }), lease_ms: 400 })).toBe("pass");
  expect(await waiting()).toBe(0);
});
