/** The frame of a scenario: work that is kept up in the background, and the rate before the fault and after it. */
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { calmRate, recovery } from "./under-work.ts";
import { keepBusy } from "./workload.ts";

const probing = (...rates: (number | null)[]) => ({ probe: async () => rates.shift() ?? null });

test("the calm rate is the better of two, and without results there is none", async () => {
  expect(await calmRate(probing(20, 50))).toBe(50);
  expect(await calmRate(probing(50, 20, 90))).toBe(50);
  await expect(calmRate(probing(50, null))).rejects.toThrow(/no result came/);
});

test("the rate is back when a probe reaches 80 % of the calm one in time", async () => {
  const back = await recovery(probing(30, null, 80), { calm: 100, healed: performance.now() });
  expect(back.violations).toEqual([]);
  expect(back.figures.back_per_s).toBe(80);
});

test("what was waited for since the last fault counts, however good the rate is then", async () => {
  const late = await recovery(probing(100), { calm: 100, healed: performance.now() - 31_000 });
  expect(late.violations.map(({ invariant }) => invariant)).toEqual(["back to 80 % of the calm rate within 30 s"]);
  const soon = await recovery(probing(100), { calm: 100, healed: performance.now() - 20_000 });
  expect(soon.violations).toEqual([]);
  expect(soon.figures.back_after_s).toBeGreaterThanOrEqual(20);
});

const idle = { read: async () => ({ open: 0, ended: 0, accepted: 0 }) };

test("work that goes wrong in the background ends no process, and is heard when it is enough", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const submit = () => Promise.reject(new Error("a run was refused"));
  const busy = keepBusy(idle, 40, { submit, closing: new AbortController().signal });
  await turn();
  await turn();
  expect(unhandled).toEqual([]);
  await expect(busy.enough()).rejects.toThrow("a run was refused");
});

test("work in the background ends when the workload is closed, although nobody said that it is enough", async () => {
  const closing = new AbortController();
  let sent = 0;
  const submit = async () => {
    sent += 1;
    if (sent === 3) closing.abort();
  };
  await keepBusy(idle, 40, { submit, closing: closing.signal }).over;
  expect(sent).toBe(3);
});
