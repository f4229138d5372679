/** A loop that fails goes on, and says so without filling the log. */
import { expect, onTestFinished, test } from "vitest";
import { startLoop } from "./loop.ts";

function looping(fails: (pass: number) => boolean) {
  const told: string[] = [];
  let passes = 0;
  const tick = async () => {
    passes += 1;
    if (fails(passes)) throw new Error("away");
    return 0;
  };
  const reports = { did: () => {}, failed: () => told.push(`pass ${passes}`) };
  const loop = startLoop({ name: "relay", every_ms: 1, tick }, reports);
  onTestFinished(() => loop.stop());
  return { told, passes: () => passes };
}

test("passes that fail one after the other are told of once, and go on", async () => {
  const { told, passes } = looping(() => true);
  await expect.poll(passes).toBeGreaterThan(5);
  expect(told).toEqual(["pass 1"]);
});

test("what fails again after a good pass is told of at once", async () => {
  const { told, passes } = looping((pass) => pass !== 3);
  await expect.poll(passes).toBeGreaterThan(5);
  expect(told).toEqual(["pass 1", "pass 4"]);
});
