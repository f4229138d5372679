/** A hosted worker beside others who have the same tasks in their hands, and beside a database that is away: it waits, and nothing is lost or charged. */
import { openDatabase } from "@baton/db";
import { openProducer } from "@baton/queue";
import { startProxy } from "@baton/queue/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { type HostedWorker, openLine } from "./index.ts";
import { attempts, done, ticketed, untilStopped, worker, workTicket } from "./testing/hosted-work.ts";
import type { TestLine } from "./testing/index.ts";
import { newTask, rowOf, sql, submitted } from "./testing/verbs.ts";

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

test("a ticket that could not see all there is looks again at once, at all of it, and is given the same lease", async () => {
  const { open, id, ticket } = await ticketed();
  const { project_id } = await rowOf(open, id);
  const urgent = Array.from({ length: 60 }, () => newTask({ priority: 9 }));
  await submitted(open, urgent, { project_id });
  const add = open.line.claims.add;
  const claims: [boolean, unknown, string][] = [];
  open.line.claims.add = async (asked) => {
    const answer = await add(asked);
    claims.push([asked.wide === true, typeof answer === "string" ? answer : answer?.id, asked.lease_id]);
    return answer;
  };
  await open.db.transaction(async (tx) => {
    await sql({ ...open, db: tx } as TestLine, "select id from tasks where priority = 9 for no key update");
    const work = worker(async () => done);
    expect(await workTicket(open.line, ticket, work)).toBe("pass");
  });
  const lease_id = claims[0]?.[2];
  expect(claims).toEqual([
    [false, "more", lease_id],
    [true, id, lease_id],
  ]);
});

test("a database that goes away right after the claim costs the task no attempt", async () => {
  const { open, ticket } = await ticketed();
  const claim = open.line.claims.add;
  // As when something happened to the task while it was claimed: what is known of it has to be read again.
  open.line.claims.add = async (asked) => {
    const given = await claim(asked);
    return given === null || typeof given === "string" ? given : { ...given, context: null };
  };
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
  const claim = open.line.claims.add;
  open.line.claims.add = async (asked) => {
    const claimed = await claim(asked);
    await sql(open, "update tasks set lease_expires_at = now() + interval '30 s'");
    if (claimed === null || typeof claimed === "string") return claimed;
    return { ...claimed, lease_expires_at: new Date(claimed.now.getTime() + 30_000) };
  };
  const beats = () => sql(open, "select from attempts where heartbeat_at > started_at");
  const work = async () => {
    await expect.poll(beats, { timeout: 5_000 }).toHaveLength(1);
    return done;
  };
  expect(await workTicket(open.line, ticket, worker(work))).toBe("pass");
});

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
