/** What both back ends promise about tickets being looked at. */
import { expect, test } from "vitest";
import { type Ticket, ticketId } from "../../ticket.ts";
import { type Bench, newTicket, newTickets, noting } from "./bench.ts";

export function lookingSuite(bench: () => Bench): void {
  test("a ticket is looked at as it was added, and what came of it stands beside it for people", async () => {
    const producer = bench().producer();
    const { seen, look } = noting();
    bench().consumer("qa", look);
    const ticket = newTicket("qa", { visit: 2, dispatch: 9 });
    await producer.add([ticket]);
    await expect.poll(async () => (await producer.depth()).qa.completed).toBe(1);
    expect(seen).toEqual([ticket]);
    const queue = producer.queues().find((one) => one.name === "qa");
    expect((await queue?.getJob(ticketId(ticket)))?.returnvalue).toBe("took 1");
  });

  test("a consumer sees the tickets of its own stage only", async () => {
    const producer = bench().producer();
    const [dev, docs] = [noting(), noting()];
    bench().consumer("dev", dev.look);
    bench().consumer("docs", docs.look);
    const tickets = [newTicket("dev"), newTicket("docs"), newTicket("qa")] as const;
    await producer.add(tickets);
    await expect.poll(() => [dev.seen, docs.seen]).toEqual([[tickets[0]], [tickets[1]]]);
    expect((await producer.depth()).qa.waiting).toBe(1);
  });

  test("tickets added by several producers at once are each looked at once, by one of several consumers", async () => {
    const producers = [bench().producer(), bench().producer(), bench().producer()];
    const { seen, look } = noting();
    for (let n = 0; n < 3; n++) bench().consumer("dev", look, 10);
    const batches = producers.map(() => newTickets(200));
    await Promise.all(producers.map((producer, n) => producer.add(batches[n] ?? [])));
    const all = batches.flat().map(ticketId).sort();
    await expect.poll(() => seen.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(all.length);
    expect(seen.map(ticketId).sort()).toEqual(all);
  });
}

export function troubleSuite(bench: () => Bench): void {
  test("a look that throws fails its ticket, is not tried again and takes no other ticket with it", async () => {
    const producer = bench().producer();
    const seen: Ticket[] = [];
    const [bad, good] = [newTicket(), newTicket()];
    const look = (ticket: Ticket) => {
      seen.push(ticket);
      return ticket.task_id === bad.task_id ? Promise.reject(new Error("broken look")) : Promise.resolve(null);
    };
    bench().consumer("dev", look, 1);
    await producer.add([bad]);
    await producer.add([good]);
    await expect.poll(async () => (await producer.depth()).dev).toMatchObject({ completed: 1, failed: 1, waiting: 0 });
    expect(seen).toEqual([bad, good]);
    expect(await producer.missing([bad])).toEqual([bad]);
    expect(bench().errors.map((error) => error.message)).toContain("broken look");
  });

  test("a job that is not a ticket is finished without a look", async () => {
    const producer = bench().producer();
    const { seen, look } = noting();
    bench().consumer("dev", look);
    const queue = producer.queues().find((one) => one.name === "dev");
    await queue?.add("stray", { task_id: "not ours" }, { jobId: "stray" });
    await queue?.add("stray", { run_id: 5 });
    await expect.poll(async () => (await producer.depth()).dev.completed).toBe(2);
    expect((await queue?.getJob("stray"))?.returnvalue).toBe("not a ticket");
    expect(seen).toEqual([]);
  });

  test("of finished and failed tickets the newest are kept, and not many more, with many at it at once", async () => {
    const producer = bench().producer();
    bench().consumer("dev", () => Promise.resolve(null), 20);
    for (let n = 0; n < 3; n++) bench().consumer("qa", () => Promise.reject(new Error("broken look")), 20);
    await producer.add([...newTickets(400, "dev"), ...newTickets(900, "qa")]);
    const left = async () => {
      const { dev, qa } = await producer.depth();
      return dev.waiting + dev.active + qa.waiting + qa.active;
    };
    await expect.poll(left, { timeout: 100_000 }).toBe(0);
    // Old ones are thrown away beside the work, so the last of them a moment after it.
    await expect
      .poll(async () => {
        const { dev, qa } = await producer.depth();
        return Math.max(dev.completed, qa.failed);
      })
      .toBeLessThanOrEqual(300);
    const { dev, qa } = await producer.depth();
    expect(Math.min(dev.completed, qa.failed)).toBeGreaterThanOrEqual(200);
  }, 120_000);
}
