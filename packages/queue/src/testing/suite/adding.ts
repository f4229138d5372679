/** What both back ends promise about adding, missing, removing and counting tickets. */
import { expect, test } from "vitest";
import { type Ticket, ticketId } from "../../ticket.ts";
import { type Bench, holding, newTicket, newTickets, noting } from "./bench.ts";

export function addingSuite(bench: () => Bench): void {
  test("an id that the queue still knows is ignored in silence, the next dispatch number is not", async () => {
    const producer = bench().producer();
    const { seen, look } = noting();
    bench().consumer("dev", look);
    const first = newTicket();
    await producer.add([first]);
    await expect.poll(() => seen).toEqual([first]);
    await expect.poll(() => producer.missing([first])).toEqual([first]);
    const [again, next] = [first, { ...first, dispatch: 2 }];
    await producer.add([again]);
    await producer.add([next]);
    await expect.poll(() => seen).toEqual([first, next]);
  });

  test("the same ticket added twice, at once or one after the other, is looked at once", async () => {
    const producer = bench().producer();
    const ticket = newTicket();
    await Promise.all([producer.add([ticket, ticket]), producer.add([ticket])]);
    await producer.add([ticket]);
    expect((await producer.depth()).dev.waiting).toBe(1);
  });

  test("only the ids of a ticket are stored", async () => {
    const producer = bench().producer();
    const ticket = newTicket("sec", { visit: 3, dispatch: 4 });
    await producer.add([ticket]);
    const queue = producer.queues().find((one) => one.name === "sec");
    const job = await queue?.getJob(ticketId(ticket));
    expect(job?.data).toEqual({});
    expect(job?.opts).toEqual({ attempts: 0 });
  });

  test("nothing to add is no mistake", async () => {
    const producer = bench().producer();
    await producer.add([]);
    expect(await producer.missing([])).toEqual([]);
    await producer.remove([]);
  });

  test("two thousand tickets for all stages are added in one call, and each is there", async () => {
    const producer = bench().producer();
    const stages = ["dev", "qa", "sec", "docs"] as const;
    const tickets = stages.flatMap((stage) => newTickets(500 + stages.indexOf(stage), stage));
    await producer.add(tickets);
    const depth = await producer.depth();
    expect(stages.map((stage) => depth[stage].waiting)).toEqual([500, 501, 502, 503]);
    expect(await producer.missing(tickets)).toEqual([]);
  });
}

export function missingSuite(bench: () => Bench): void {
  test("missing are tickets never added, removed, being looked at or finished, and not those that wait", async () => {
    const producer = bench().producer();
    const { held, look, letGo } = holding();
    const [looked_at, waiting, removed, unknown] = [newTicket(), newTicket(), newTicket(), newTicket()];
    bench().consumer("dev", look, 1);
    await producer.add([looked_at]);
    await expect.poll(() => held).toEqual([looked_at]);
    await producer.add([waiting, removed]);
    await producer.remove([removed]);
    expect(await producer.missing([looked_at, waiting, removed, unknown])).toEqual([looked_at, removed, unknown]);
    letGo();
    await expect.poll(() => producer.missing([looked_at, waiting])).toEqual([looked_at, waiting]);
  });

  test("a ticket of another stage, visit or dispatch is another ticket", async () => {
    const producer = bench().producer();
    const ticket = newTicket();
    await producer.add([ticket]);
    const others = [
      { ...ticket, stage: "qa" as const },
      { ...ticket, visit: 2 },
      { ...ticket, dispatch: 2 },
    ];
    expect(await producer.missing([...others, ticket])).toEqual(others);
  });

  test("a removed ticket is not looked at", async () => {
    const producer = bench().producer();
    const { seen, look } = noting();
    const [gone, stays] = [newTicket(), newTicket()];
    await producer.add([gone, stays]);
    await producer.remove([gone]);
    bench().consumer("dev", look);
    await expect.poll(async () => (await producer.depth()).dev).toMatchObject({ waiting: 0, active: 0, completed: 1 });
    expect(seen).toEqual([stays]);
  });

  test("a ticket that is being looked at is not removed under the look, and removing an unknown one is no mistake", async () => {
    const producer = bench().producer();
    const held: Ticket[] = [];
    const { promise: found, resolve: letGo } = Promise.withResolvers<null>();
    const look = (ticket: Ticket) => {
      held.push(ticket);
      return found;
    };
    bench().consumer("dev", look, 1);
    const ticket = newTicket();
    await producer.add([ticket]);
    await expect.poll(() => held).toEqual([ticket]);
    await producer.remove([ticket, newTicket()]);
    expect((await producer.depth()).dev.active).toBe(1);
    letGo(null);
    await expect.poll(async () => (await producer.depth()).dev.completed).toBe(1);
    expect(bench().errors).toEqual([]);
  });
}
