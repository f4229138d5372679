/** The waiting room: who is woken by what. */

import type { Stage } from "@baton/domain";
import { expect, onTestFinished, test, vi } from "vitest";
import { openWaitingRoom, type Wait } from "./wait.ts";

const LONG = 60_000;
const never = () => new AbortController().signal;

/** A wait as most tests want it: in one workspace, until somebody is woken. */
const waiting = (stages: Stage[], since: number, more: Partial<Wait> = {}): Wait => ({
  ...{ workspace_id: "ours", stages, since, ms: LONG, signal: never() },
  ...more,
});

/** Whether the wait is over after everything that was due has been done. */
async function over(wait: Promise<void>): Promise<boolean> {
  let done = false;
  void wait.then(() => {
    done = true;
  });
  await new Promise(setImmediate);
  return done;
}

test("a ticket wakes the one who has waited longest for its stage, and nobody else", async () => {
  const room = openWaitingRoom();
  const [first, second, other] = [["dev"], ["dev"], ["qa"]].map((stages) =>
    room.wait(waiting(stages as Stage[], room.mark())),
  );
  room.ticketAdded("dev");
  expect(await Promise.all([first, second, other].map((wait) => over(wait ?? Promise.resolve())))).toEqual([
    true,
    false,
    false,
  ]);
  room.ticketAdded("dev");
  expect(await over(second ?? Promise.resolve())).toBe(true);
  room.wakeAll();
});

test("who waits for several stages is woken by any of them, once", async () => {
  const room = openWaitingRoom();
  const wait = room.wait(waiting(["dev", "qa"], room.mark()));
  room.ticketAdded("qa");
  expect(await over(wait)).toBe(true);
  const next = room.wait(waiting(["dev"], room.mark()));
  room.ticketAdded("dev");
  expect(await over(next)).toBe(true);
});

test("a ticket that came between the look and the wait ends the wait at once", async () => {
  const room = openWaitingRoom();
  const mark = room.mark();
  room.ticketAdded("dev");
  expect(await over(room.wait(waiting(["dev"], mark)))).toBe(true);
});

test("a ticket of another stage, or from before the look, does not", async () => {
  const room = openWaitingRoom();
  room.ticketAdded("dev");
  const mark = room.mark();
  room.ticketAdded("qa");
  expect(await over(room.wait(waiting(["dev"], mark)))).toBe(false);
  room.wakeAll();
});

test("a wait ends when its time is over, when its caller hangs up, and when the server shuts down", async () => {
  const room = openWaitingRoom();
  await room.wait(waiting(["dev"], room.mark(), { ms: 1 }));
  const caller = new AbortController();
  const hanging = room.wait(waiting(["dev"], room.mark(), { signal: caller.signal }));
  caller.abort();
  expect(await over(hanging)).toBe(true);
  expect(await over(room.wait(waiting(["dev"], room.mark(), { signal: caller.signal })))).toBe(true);
  const all = [room.wait(waiting(["dev"], room.mark())), room.wait(waiting(["docs"], room.mark()))];
  room.wakeAll();
  expect(await Promise.all(all.map(over))).toEqual([true, true]);
});

test("a ticket wakes one in each workspace: it does not say whose it is", async () => {
  const room = openWaitingRoom();
  const waits = ["ours", "ours", "theirs"].map((workspace_id) => room.wait(waiting(["dev"], 0, { workspace_id })));
  room.ticketAdded("dev");
  expect(await Promise.all(waits.map(over))).toEqual([true, false, true]);
  room.wakeAll();
});

test("what was not for the one who was woken is offered to those who have not looked since, each once", async () => {
  const room = openWaitingRoom();
  const [first, second, third] = [0, 0, 0].map((since) => room.wait(waiting(["qa"], since)));
  room.ticketAdded("qa");
  expect(await over(first as Promise<void>)).toBe(true);
  const looked_at = room.mark();
  const again = room.wait(waiting(["qa"], looked_at));
  room.passOn({ workspace_id: "ours", stages: ["qa"] }, looked_at);
  expect(await Promise.all([second, third].map((wait) => over(wait as Promise<void>)))).toEqual([true, false]);
  room.passOn({ workspace_id: "ours", stages: ["qa"] }, looked_at);
  room.passOn({ workspace_id: "ours", stages: ["qa"] }, looked_at);
  expect(await over(third as Promise<void>)).toBe(true);
  expect(await over(again)).toBe(false);
  room.wakeAll();
});

test("however many wait, one look is made for all of them, and as many are woken as there is work for", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const looks: unknown[] = [];
  const room = openWaitingRoom(async (places) => {
    looks.push(places);
    return looks.length < 3 ? [{ workspace_id: "ours", stage: "dev", ready: 2 }] : [];
  });
  const waits = Array.from({ length: 1_000 }, () => room.wait(waiting(["dev"], 0)));
  const left = async () => (await Promise.all(waits.map(over))).filter((done) => !done).length;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(looks).toEqual([[{ workspace_id: "ours", stage: "dev" }]]);
  expect(await left()).toBe(998);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await left()).toBe(996);
  room.wakeAll();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(looks.length).toBeLessThanOrEqual(3);
});

test("a look that fails is told, and made again", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const errors: unknown[] = [];
  const failing = new Error("away");
  const room = openWaitingRoom(
    () =>
      errors.length === 0
        ? Promise.reject(failing)
        : Promise.resolve([{ workspace_id: "ours", stage: "dev", ready: 1 }]),
    (error) => errors.push(error),
  );
  const wait = room.wait(waiting(["dev"], 0));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(errors).toEqual([failing]);
  expect(await over(wait)).toBe(true);
});
