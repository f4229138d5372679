/** What may be asked of the bench. */
import { expect, test } from "vitest";
import { readOptions } from "./options.ts";

test("without options the bench has its defaults, and each can be set", () => {
  const modes = { idle_s: 30, scale: false, stored: 1_000_000 };
  const defaults = { tasks: 2_000, rounds: 3, workers: 4, concurrency: 50, only: "", json: false, ...modes };
  expect(readOptions([])).toEqual({ ok: true, options: defaults });
  const args = [
    "--tasks",
    "200",
    "--rounds=1",
    "--workers",
    "2",
    "--concurrency",
    "10",
    "--only",
    "Redis",
    "--json",
    "--waiting",
    "9",
    "--scale",
    "--stored=2000",
  ];
  const options = {
    tasks: 200,
    rounds: 1,
    workers: 2,
    concurrency: 10,
    only: "Redis",
    waiting: 9,
    idle_s: 30,
    scale: true,
    stored: 2_000,
    json: true,
  };
  expect(readOptions(args)).toEqual({ ok: true, options });
});

test("options that make no sense are refused with all that is wrong", () => {
  const read = readOptions(["--tasks", "none", "--rounds", "0", "--workers", "5"]);
  expect(read).toMatchObject({ ok: false });
  for (const name of ["tasks", "rounds", "workers"]) expect(read.ok ? "" : read.problem).toContain(name);
});

test("an option that does not exist is refused by its name", () => {
  expect(readOptions(["--fast"])).toMatchObject({ ok: false, problem: expect.stringContaining("--fast") as string });
});
