/** The thinning of error reports. */
import { expect, test } from "vitest";
import { sampled } from "./sampled.ts";

function recorder() {
  const seen: Error[] = [];
  let time_ms = 0;
  const report = sampled(
    (error) => seen.push(error),
    () => time_ms,
  );
  return { seen, report, at: (ms: number) => (time_ms = ms) };
}

test("of a thousand errors in a second the first is reported", () => {
  const { seen, report } = recorder();
  for (let n = 0; n < 1_000; n++) report(new Error(`number ${n}`));
  expect(seen.map((error) => error.message)).toEqual(["number 0"]);
});

test("a second later the next one is reported", () => {
  const { seen, report, at } = recorder();
  report(new Error("early"));
  at(999);
  report(new Error("too soon"));
  at(1_000);
  report(new Error("late"));
  expect(seen.map((error) => error.message)).toEqual(["early", "late"]);
});

test("an error without words is reported by its code", () => {
  const { seen, report } = recorder();
  const refused = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
  report(refused);
  expect(seen[0]?.message).toBe("ECONNREFUSED");
  expect(seen[0]?.cause).toBe(refused);
});

test("what is thrown without being an error is reported as one", () => {
  const { seen, report } = recorder();
  report("just text");
  expect(seen[0]).toBeInstanceOf(Error);
  expect(seen[0]?.message).toBe("just text");
});
