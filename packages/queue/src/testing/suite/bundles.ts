/** What both back ends promise about tickets that stand for several tasks. */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { TICKET_TASKS, type Ticket } from "../../ticket.ts";
import { type Bench, finding, newTickets, noting } from "./bench.ts";

export function bundle(count: number): Ticket[] {
  const name = randomUUID();
  return newTickets(count).map((ticket) => ({ ...ticket, bundle: name }));
}

export function bundleSuite(bench: () => Bench): void {
  test("the tickets of a bundle are one, which is missed for all of them and taken back for none", async () => {
    const producer = bench().producer();
    const tickets = bundle(3);
    await producer.add(tickets);
    await producer.add(tickets.slice(1));
    expect((await producer.depth()).dev.waiting).toBe(1);
    expect(await producer.missing(tickets)).toEqual([]);
    await producer.remove(tickets.slice(1));
    expect(await producer.missing(tickets)).toEqual([]);
    bench().consumer("dev", noting().look);
    await expect.poll(() => producer.missing(tickets)).toEqual(tickets);
  });

  test("a bundle is looked at once for each task that it stands for, all in one go", async () => {
    const producer = bench().producer();
    const { held, looks, look, letGo } = finding(3);
    bench().consumer("dev", look, 50);
    const [one] = bundle(1);
    await producer.add(one ? [{ ...one, stands_for: 7 }] : []);
    await expect.poll(async () => (await producer.depth()).dev).toMatchObject({ waiting: 0, active: 0, completed: 1 });
    expect([held.length, looks()]).toEqual([3, 7]);
    expect(held[0]).toMatchObject({ task_id: one?.task_id, stage: "dev", bundle: one?.bundle });
    letGo();
  });

  test("a bundle that nobody counted is looked at as often as it may stand for tasks", async () => {
    const producer = bench().producer();
    const { looks, look } = finding(0);
    bench().consumer("dev", look, 50);
    await producer.add(bundle(2));
    await expect.poll(looks).toBe(TICKET_TASKS);
  });

  test("a look that throws does not keep the other hands from their work", async () => {
    const producer = bench().producer();
    const { held, look, letGo } = finding(5);
    let looks = 0;
    const some = (ticket: Ticket) => (looks++ % 2 === 0 ? Promise.reject(new Error("broken look")) : look(ticket));
    bench().consumer("dev", some, 50);
    await producer.add(bundle(5));
    await expect.poll(() => held).toHaveLength(5);
    await expect.poll(async () => (await producer.depth()).dev).toMatchObject({ completed: 1, failed: 0 });
    expect(bench().errors.map((error) => error.message)).toEqual(["broken look"]);
    letGo();
  });
}
