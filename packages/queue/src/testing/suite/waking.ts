/** What both back ends promise about the waker. */
import type { Stage } from "@baton/domain";
import { expect, test } from "vitest";
import { type Bench, newTicket, newTickets } from "./bench.ts";

/** A waker that is listening: right after it has begun it calls for every stage, since it may have missed something. */
async function listening(bench: Bench): Promise<Stage[]> {
  const heard: Stage[] = [];
  bench.waker((stage) => heard.push(stage));
  await expect.poll(() => heard.length).toBe(4);
  heard.length = 0;
  return heard;
}

export function wakingSuite(bench: () => Bench): void {
  test("a waker hears of new tickets from any producer, of their stage alone", async () => {
    const heard = await listening(bench());
    const [one, other] = [bench().producer(), bench().producer()];
    await one.add([newTicket("sec")]);
    await expect.poll(() => heard).toEqual(["sec"]);
    await other.add(newTickets(300, "docs"));
    await expect.poll(() => heard).toEqual(["sec", "docs"]);
  });

  test("every waker hears of a ticket", async () => {
    const all = await Promise.all([listening(bench()), listening(bench()), listening(bench())]);
    await bench()
      .producer()
      .add([newTicket("qa")]);
    await expect.poll(() => all).toEqual([["qa"], ["qa"], ["qa"]]);
  });

  test("after the server was away a waker calls for every stage and hears again", async () => {
    const heard = await listening(bench());
    const producer = bench().producer();
    await bench().server.cut();
    await bench().server.heal();
    await expect.poll(() => new Set(heard), { timeout: 5_000 }).toEqual(new Set(["dev", "qa", "sec", "docs"]));
    heard.length = 0;
    await expect
      .poll(() => producer.add([newTicket("qa")]).then(() => "added", String), { timeout: 5_000 })
      .toBe("added");
    await expect.poll(() => heard).toContain("qa");
  });

  test("a waker closes at once, also when its server hangs while it listens or connects", async () => {
    const heard: Stage[] = [];
    const listener = bench().waker((stage) => heard.push(stage));
    await expect.poll(() => heard).toHaveLength(4);
    bench().server.freeze();
    const connecting = bench().waker(() => {});
    const begin = performance.now();
    await Promise.all([listener.close(), connecting.close()]);
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(bench().errors).toEqual([]);
  });
}
