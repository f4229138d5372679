/** What both back ends promise about the end of a consumer. */
import { expect, test } from "vitest";
import { type Bench, holding, newTicket, newTickets } from "./bench.ts";

export function drainingSuite(bench: () => Bench): void {
  test("draining waits for the work under way and takes no new ticket", async () => {
    const producer = bench().producer();
    const { held, look, letGo } = holding();
    const consumer = bench().consumer("dev", look);
    const first = newTicket();
    await producer.add([first]);
    await expect.poll(() => held).toEqual([first]);
    const drained = consumer.drain(20_000);
    await producer.add(newTickets(2));
    letGo();
    expect(await drained).toBe("drained");
    expect(held).toEqual([first]);
    expect((await producer.depth()).dev).toEqual({ waiting: 2, active: 0, completed: 1, failed: 0 });
  });

  test("an idle consumer is drained at once", async () => {
    const consumer = bench().consumer("dev", () => Promise.resolve(null));
    const begin = performance.now();
    expect(await consumer.drain(10_000)).toBe("drained");
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
}

export function abandoningSuite(bench: () => Bench): void {
  test("draining gives up at its deadline, and the ticket still being looked at is not lost", async () => {
    const producer = bench().producer();
    const begun = Promise.withResolvers<void>();
    const consumer = bench().consumer("dev", () => {
      begun.resolve();
      return new Promise(() => {});
    });
    await producer.add([newTicket()]);
    await begun.promise;
    expect(await consumer.drain(200)).toBe("abandoned");
    expect((await producer.depth()).dev).toMatchObject({ active: 1, failed: 0 });
  });

  test("draining gives up on work that does not end, whose ticket is done with", async () => {
    const producer = bench().producer();
    const { held, look } = holding();
    const consumer = bench().consumer("dev", look);
    await producer.add([newTicket()]);
    await expect.poll(() => held).toHaveLength(1);
    expect(await consumer.drain(200)).toBe("abandoned");
    expect((await producer.depth()).dev).toMatchObject({ active: 0, completed: 1, failed: 0 });
  });

  test("draining ends at its deadline while the server is away", async () => {
    const producer = bench().producer();
    const { held, look } = holding();
    const consumer = bench().consumer("dev", look);
    await producer.add([newTicket()]);
    await expect.poll(() => held).toHaveLength(1);
    await bench().server.cut();
    const begin = performance.now();
    expect(await consumer.drain(500)).toBe("abandoned");
    expect(performance.now() - begin).toBeLessThan(1_500);
  });

  test("draining twice gives the same end", async () => {
    const consumer = bench().consumer("dev", () => Promise.resolve(null));
    expect(await Promise.all([consumer.drain(5_000), consumer.drain(1)])).toEqual(["drained", "drained"]);
  });
}
