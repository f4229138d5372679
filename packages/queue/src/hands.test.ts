/** How much is in hand at the same time. */
import { expect, test } from "vitest";
import { openHands } from "./hands.ts";

/** Whether it is settled once everything that was due has run. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  return settled;
}

test("no more are taken than are free, and none when all are full", () => {
  const hands = openHands(3);
  expect([hands.take(2), hands.take(25), hands.take(1)]).toEqual([2, 1, 0]);
  hands.put();
  expect([hands.take(25), hands.take(25)]).toEqual([1, 0]);
});

test("all who wait are let go when a hand is put back: nobody knows which of them finds something for it", async () => {
  const hands = openHands(2);
  expect([await isSettled(hands.whenFree()), hands.anyFree()]).toEqual([true, true]);
  hands.take(2);
  const [first, second] = [hands.whenFree(), hands.whenFree()];
  expect([await isSettled(first), await isSettled(second), hands.anyFree()]).toEqual([false, false, false]);
  hands.put();
  expect([await isSettled(first), await isSettled(second), hands.anyFree()]).toEqual([true, true, true]);
});

test("all are free when the last is put back", async () => {
  const hands = openHands(2);
  expect(await isSettled(hands.whenAllFree())).toBe(true);
  hands.take(2);
  const empty = hands.whenAllFree();
  hands.put();
  expect(await isSettled(empty)).toBe(false);
  hands.put();
  expect(await isSettled(empty)).toBe(true);
});

test("once closed, no more are taken and nobody waits for a free one", async () => {
  const hands = openHands(2);
  hands.take(2);
  const before = hands.whenFree();
  hands.close();
  expect([await isSettled(before), await isSettled(hands.whenFree())]).toEqual([true, true]);
  const empty = hands.whenAllFree();
  hands.put();
  expect([hands.take(1), await isSettled(empty)]).toEqual([0, false]);
});
