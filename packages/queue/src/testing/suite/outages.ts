/** What both back ends promise when their server dies, hangs, comes back or loses all it had. */
import { expect, test } from "vitest";
import { QueueAway } from "../../backend.ts";
import { type Bench, holding, newTicket, newTickets, noting } from "./bench.ts";

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

export function outageSuite(bench: () => Bench): void {
  test("while the server is away adding fails fast, and works again after it is back", async () => {
    const producer = bench().producer();
    await producer.add([newTicket()]);
    await bench().server.cut();
    const waited = await elapsedMs(() => expect(producer.add(newTickets(20))).rejects.toThrow(QueueAway));
    expect(waited).toBeLessThan(2_500);
    await expect(producer.missing([newTicket()])).rejects.toThrow(QueueAway);
    await expect(producer.depth()).rejects.toThrow(QueueAway);
    await producer.remove([newTicket()]);
    await bench().server.heal();
    const added = () => producer.add([newTicket()]).then(() => "added", String);
    await expect.poll(added, { timeout: 5_000 }).toBe("added");
  });

  test("while the server hangs adding fails after a few seconds, and works again after it is back", async () => {
    const producer = bench().producer();
    await producer.add([newTicket()]);
    bench().server.freeze();
    const waited = await elapsedMs(() => expect(producer.add([newTicket()])).rejects.toThrow(QueueAway));
    expect(waited).toBeLessThan(4_000);
    await bench().server.heal();
    const added = () => producer.add([newTicket()]).then(() => "added", String);
    await expect.poll(added, { timeout: 10_000 }).toBe("added");
  });

  test("within five seconds after the server is back an idle consumer takes new tickets", async () => {
    const { seen, look } = noting();
    bench().consumer("dev", look);
    const producer = bench().producer();
    await producer.add([newTicket()]);
    await expect.poll(() => seen).toHaveLength(1);
    await bench().server.cut();
    await expect.poll(() => bench().errors.length).toBeGreaterThan(0);
    await bench().server.heal();
    const ticket = newTicket();
    await expect.poll(() => producer.add([ticket]).then(() => "added", String), { timeout: 5_000 }).toBe("added");
    await expect.poll(() => seen, { timeout: 5_000 }).toContainEqual(ticket);
  });

  test("a look that ends while the server is away holds nobody up", async () => {
    const { held, look, letGo } = holding();
    bench().consumer("dev", look, 1);
    const producer = bench().producer();
    await producer.add([newTicket()]);
    await expect.poll(() => held).toHaveLength(1);
    await bench().server.cut();
    letGo();
    await expect.poll(() => bench().errors.length).toBeGreaterThan(0);
    await bench().server.heal();
    await expect.poll(() => producer.add(newTickets(3)).then(() => "added", String), { timeout: 5_000 }).toBe("added");
    await expect.poll(() => held.length, { timeout: 8_000 }).toBe(4);
  });
}

export function lateSuite(bench: () => Bench): void {
  test("what was opened while the server was away works once it is there", async () => {
    await bench().server.cut();
    const { seen, look } = noting();
    bench().consumer("dev", look);
    const producer = bench().producer();
    const woken: string[] = [];
    bench().waker((stage) => woken.push(stage));
    const waited = await elapsedMs(() => expect(producer.add([newTicket()])).rejects.toThrow(QueueAway));
    expect(waited).toBeLessThan(2_500);
    await bench().server.heal();
    const ticket = newTicket();
    await expect.poll(() => producer.add([ticket]).then(() => "added", String), { timeout: 5_000 }).toBe("added");
    await expect.poll(() => seen, { timeout: 5_000 }).toContainEqual(ticket);
    await expect.poll(() => woken, { timeout: 5_000 }).toContain("dev");
  });

  test("closing a producer ends while the server is away, whether it had ever been there or not", async () => {
    const early = bench().producer();
    await early.add([newTicket()]);
    await bench().server.cut();
    const late = bench().producer();
    await late.remove([newTicket()]);
    for (const producer of [early, late]) expect(await elapsedMs(() => producer.close())).toBeLessThan(2_000);
  });

  test("a consumer goes on after all tickets were wiped out under it", async () => {
    const producer = bench().producer();
    const { held, look, letGo } = holding();
    bench().consumer("dev", look, 1);
    const lost = newTickets(5);
    await producer.add(lost);
    await expect.poll(() => held).toHaveLength(1);
    await bench().lab.wipe();
    expect(await producer.missing(lost)).toEqual(lost);
    letGo();
    const fresh = lost.map((ticket) => ({ ...ticket, dispatch: 2 }));
    await producer.add(fresh);
    await expect.poll(() => held.slice(1), { timeout: 5_000 }).toEqual(fresh);
  });

  test("an idle consumer goes on after everything was wiped out", async () => {
    const producer = bench().producer();
    const { seen, look } = noting();
    bench().consumer("dev", look);
    await producer.add([newTicket()]);
    await expect.poll(() => seen).toHaveLength(1);
    await bench().lab.wipe();
    const ticket = newTicket();
    await producer.add([ticket]);
    await expect.poll(() => seen, { timeout: 5_000 }).toContainEqual(ticket);
  });
}
