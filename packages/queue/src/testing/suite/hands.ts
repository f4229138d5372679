/** What both back ends promise about workers with full hands: what they cannot take is there for others. */
import { expect, test } from "vitest";
import type { Ticket } from "../../ticket.ts";
import { type Bench, finding, holding, newTicket, newTickets, noting } from "./bench.ts";
import { bundle } from "./bundles.ts";

export function handsSuite(bench: () => Bench): void {
  test("as much work goes on at the same time as the concurrency says", async () => {
    const producer = bench().producer();
    const { held, look, letGo } = holding();
    bench().consumer("dev", look, 3);
    await producer.add(newTickets(5));
    await expect.poll(() => held).toHaveLength(3);
    await expect.poll(async () => (await producer.depth()).dev.waiting).toBe(2);
    letGo();
    await expect.poll(async () => (await producer.depth()).dev.completed).toBe(5);
    expect(held).toHaveLength(5);
  });

  test("with all hands full, tickets are there for others", async () => {
    const producer = bench().producer();
    const [full, idle] = [holding(), noting()];
    bench().consumer("dev", full.look, 5);
    await producer.add(newTickets(5));
    await expect.poll(() => full.held).toHaveLength(5);
    const more = newTickets(7);
    await producer.add(more);
    // One may have been on its way when the last hand was filled: it goes back.
    await expect.poll(() => producer.missing(more)).toEqual([]);
    bench().consumer("dev", idle.look, 2);
    await expect.poll(() => idle.seen, { timeout: 5_000 }).toHaveLength(7);
    expect(full.held).toHaveLength(5);
    full.letGo();
  });
}

/** Adds these tickets for so many hands, whose works end one by one. */
async function worked(bench: Bench, tickets: Ticket[], count = tickets.length) {
  const ends: (() => void)[] = [];
  const look = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.push(resolve);
    return Promise.resolve({ work: promise });
  };
  bench.consumer("dev", look, count);
  const producer = bench.producer();
  await producer.add(tickets);
  await expect.poll(() => ends.length).toBe(count);
  return { ends, producer };
}

export function freeHandSuite(bench: () => Bench): void {
  const KINDS = {
    "tickets of their own": newTickets(4),
    "a bundle": bundle(4).map((one) => ({ ...one, stands_for: 4 })),
  };
  test.each(Object.entries(KINDS))(
    "of hands filled by %s the one that gets free takes the next",
    async (_, tickets) => {
      const { ends, producer } = await worked(bench(), tickets, 4);
      for (let next = 4; next < 8; next += 1) {
        ends[next - 4]?.();
        // What ended has asked for more by now, and there was nothing.
        await expect.poll(async () => (await producer.depth()).dev).toMatchObject({ waiting: 0, active: 0 });
        await producer.add([newTicket()]);
        await expect.poll(() => ends.length, { timeout: 3_000 }).toBe(next + 1);
      }
      for (const end of ends) end();
    },
  );

  test("no job stays open while its work goes on", async () => {
    const { ends, producer } = await worked(bench(), newTickets(3));
    await expect.poll(async () => (await producer.depth()).dev).toMatchObject({ active: 0, completed: 3 });
    for (const end of ends) end();
  });
}

export function passingOnSuite(bench: () => Bench): void {
  test("a bundle goes before others only for as many tasks as it stands for, however many more there are", async () => {
    const producer = bench().producer();
    const other = newTicket();
    await producer.add(bundle(6).map((ticket) => ({ ...ticket, stands_for: 6 })));
    await producer.add([other]);
    const seen: Ticket[] = [];
    const look = (ticket: Ticket) => {
      seen.push(ticket);
      return Promise.resolve({ work: Promise.resolve() });
    };
    bench().consumer("dev", look, 2);
    await expect.poll(() => seen.map(({ task_id }) => task_id), { timeout: 5_000 }).toContain(other.task_id);
    await expect.poll(async () => (await producer.depth()).dev).toMatchObject({ waiting: 0, active: 0 });
    expect(seen).toHaveLength(7);
  });

  test("what there are no hands for is left to others at once, while the work goes on", async () => {
    const producer = bench().producer();
    const [full, other] = [finding(2), finding(6)];
    bench().consumer("dev", full.look, 2);
    await producer.add(bundle(8));
    await expect.poll(() => full.held).toHaveLength(2);
    bench().consumer("dev", other.look, 50);
    await expect.poll(() => other.held, { timeout: 5_000 }).toHaveLength(6);
    await expect.poll(async () => (await producer.depth()).dev.waiting).toBe(0);
    for (const { letGo } of [full, other]) letGo();
  });

  test("what is left of a bundle goes before tickets that came after it", async () => {
    const producer = bench().producer();
    const [early, late] = [bundle(6), newTickets(5)];
    await producer.add(early);
    await producer.add(late);
    const { held, look, letGo } = finding(6);
    bench().consumer("dev", look, 1);
    letGo();
    await expect.poll(() => held, { timeout: 5_000 }).toHaveLength(6);
    expect(held.filter((ticket) => ticket.bundle === undefined)).toEqual([]);
  });

  test("one worker with few hands comes by and by to all that a bundle stands for", async () => {
    const producer = bench().producer();
    let left = 20;
    bench().consumer("dev", async () => (left > 0 ? { work: Promise.resolve(left--) } : null), 2);
    await producer.add(bundle(20));
    await expect.poll(() => left, { timeout: 5_000 }).toBe(0);
    await expect.poll(async () => (await producer.depth()).dev).toMatchObject({ waiting: 0, active: 0 });
  });
}
