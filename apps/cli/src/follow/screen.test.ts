/** The live view on a terminal that is a stand-in: what it draws, how wide, and that it ends. */
import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { EventView, ProgressView, RunView, TaskView } from "@baton/domain/api";
import { expect, test } from "vitest";
import { widthOf } from "../plain.ts";
import type { Look } from "./follow.ts";
import { openScreen } from "./screen.ts";

const id = "0199a000-0000-7000-8000-000000000001";
const at = "2026-11-21T04:05:06.789Z";
const run = { id, name: "a run", state: "active" } as RunView;
const progress: ProgressView = {
  ...{ run_id: id, total: 4, percent: 37.5, blocked: [], cost_usd: "1.500000", tokens_in: 1_000, tokens_out: 500 },
  by_stage: { none: 0, dev: 2, qa: 1, sec: 0, docs: 0, complete: 1 },
  by_state: { pending: 2, running: 1, blocked: 0, completed: 1, failed: 0, cancelled: 0 },
};
const task = { id, title: "漢字".repeat(60) } as TaskView;
const event = {
  ...{ seq: 4, type: "passed", from: { stage: "dev", state: "running" }, to: { stage: "qa", state: "pending" } },
  ...{ visit: 1, attempt: 1, epoch: 1, charged: "nothing", actor: "me", at, data: {} },
} as EventView;
const seen = (more: Partial<RunView> = {}): Look => ({
  ...{ kind: "seen", run: { ...run, ...more }, progress },
  changes: [{ task, event, before: [] }],
});

/** Holds all that was written. */
function terminal(columns: number) {
  let written = "";
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      written += String(chunk);
      done();
    },
  });
  Object.assign(stream, { columns, rows: 24, isTTY: true });
  const last = () =>
    stripVTControlCharacters(written)
      .split("\n")
      .map((line) => line.trimEnd());
  return { stdout: stream as unknown as NodeJS.WriteStream, last };
}

const plainly = (_: unknown, text: string) => text;

test("the run, a bar for each stage and the last changes are drawn, none wider than the terminal", async () => {
  const { stdout, last } = terminal(60);
  const screen = openScreen(stdout, plainly);
  screen.told(seen());
  await screen.close();
  const lines = last();
  expect(lines).toContain("a run  active  37 %  1/4 completed  $1.50, 1,500 tokens");
  expect(lines).toContain(`dev   ${"█".repeat(13)}${"▒".repeat(13)} 2/4 passed, 2 here`);
  expect(lines).toContain(`qa    ${"█".repeat(6)}${"▒".repeat(6)}${"░".repeat(14)} 1/4 passed, 1 here`);
  expect(lines).toContain(`docs  ${"█".repeat(6)}${"░".repeat(20)} 1/4 passed`);
  expect(lines.some((line) => line.startsWith("04:05:06  dev   passed"))).toBe(true);
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(60);
});

test("a silent server is said so until it answers, beside what was seen last", async () => {
  const { stdout, last } = terminal(80);
  const screen = openScreen(stdout, plainly);
  screen.told(seen());
  screen.told({ kind: "away", detail: "Nobody answers." });
  await expect.poll(last).toContain("Nobody answers. Asking again.");
  screen.told(seen({ state: "ready_for_commit" }));
  await screen.close();
  const end = last().slice(last().findLastIndex((line) => line.startsWith("a run")));
  expect(end).toContain(`waits for: baton run approve ${id}`);
  expect(end).not.toContain("Nobody answers. Asking again.");
});
