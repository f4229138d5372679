/** A hosted worker and its ticket: what becomes of the task however the work ends. */
import { newId } from "@baton/db";
import { expect, test, vi } from "vitest";
import { cancelTask, type HostedResult, type HostedWorker, type OpenLine, postMessage } from "./index.ts";
import { newestTicket } from "./newest-ticket.ts";
import { attempts, done, ticketed, untilStopped, worker, workTicket } from "./testing/hosted-work.ts";
import { countOf, happened, rowOf, sql, valueOf } from "./testing/verbs.ts";

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

test("a task whose contract this version cannot read is given back at no charge", async () => {
  const { open, id, ticket } = await ticketed();
  await sql(
    open,
    `insert into contracts (id, workspace_id, project_id, from_stage, to_stage, version, definition, created_by)
     select $1, workspace_id, project_id, 'dev', 'qa', 1, '{"of": "a later version"}', 'test' from tasks`,
    newId(),
  );
  const never = vi.fn<HostedWorker["work"]>();
  await expect(workTicket(open.line, ticket, worker(never))).rejects.toThrow();
  expect(await rowOf(open, id)).toMatchObject({ state: "pending", failures: 0, crashes: 0 });
  const message = expect.stringMatching(/^what the task's holder has to know cannot be read: /) as string;
  expect(await attempts(open)).toEqual([{ outcome: "fail", fault: "worker", message }]);
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
test("work that is stopped by a shutdown is given back and costs nothing", async () => {
  const { open, id, ticket } = await ticketed();
  const shutdown = new AbortController();
  const working = workTicket(open.line, ticket, worker(untilStopped, { shutdown: shutdown.signal }));
  await expect.poll(async () => (await rowOf(open, id)).state).toBe("running");
  shutdown.abort();
  expect(await working).toBe("release");
  expect(await rowOf(open, id)).toMatchObject({ state: "pending", failures: 0, crashes: 0 });
  expect(await workTicket(open.line, ticket, worker(untilStopped, { shutdown: shutdown.signal }))).toBe(
    "nothing to do",
  );
});

test("work is not begun when the process shuts down between the claim and the work", async () => {
  const { open, id, ticket } = await ticketed();
  const shutdown = new AbortController();
  const work = vi.fn<HostedWorker["work"]>(async () => done);
  const claims: OpenLine["claims"] = {
    add: async (asked) => {
      const claimed = await open.line.claims.add(asked);
      shutdown.abort();
      return claimed;
    },
  };
  expect(await workTicket({ ...open.line, claims }, ticket, { ...worker(work), shutdown: shutdown.signal })).toBe(
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
