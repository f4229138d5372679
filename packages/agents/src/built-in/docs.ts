/** The docs stage without an agent: an entry in the changelog, written from the packets, where the task has not made one. */
import { lstat, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cutText, type Packet } from "@baton/domain";
import type { Assignment } from "../assignment.ts";
import { type Attempt, note } from "../attempt.ts";
import { changedFiles, taskBase } from "../revisions.ts";
import { withEntry } from "./changelog.ts";
import { type BuiltInWork, plural } from "./work.ts";

const CHANGELOG =
  /(^|\/)(changelog|changes|history|news)(\.(md|markdown|txt|rst|adoc))?$|(^|\/)(\.changeset|changelog\.d|newsfragments)\//i;
/** Of those only Markdown can be given an entry. */
const WRITABLE = /^(changelog|changes|history)(\.(md|markdown))?$/i;
const TEXT_MAX = 400;
const DECISIONS_MAX = 5;

export async function noteTheChange(attempt: Attempt): Promise<BuiltInWork> {
  const { repository, assignment, start, worktree } = attempt;
  const files = await changedFiles(repository, await taskBase(repository, assignment, start), start);
  const own = files.find(({ path, action }) => action !== "deleted" && CHANGELOG.test(path));
  if (own !== undefined) return work(`The change already has its entry in ${own.path}; nothing was added.`);
  const name = (await readdir(worktree.path)).toSorted().find((entry) => WRITABLE.test(entry)) ?? "CHANGELOG.md";
  const path = join(worktree.path, name);
  const found = await lstat(path).catch(() => null);
  if (found !== null && !found.isFile()) return work(`${name} is not a plain file; nothing was added.`);
  const before = found === null ? null : await readFile(path, "utf8");
  await writeFile(path, withEntry(before, entryFor(assignment)));
  note(attempt.surroundings, `adds an entry to ${name}`);
  return work(
    `${found === null ? `Created ${name}` : `Added to ${name}`} an entry on "${oneLine(assignment.task.title)}".`,
  );
}

function work(summary: string): BuiltInWork {
  return { summary, findings: [], metrics: {} };
}

function entryFor({ task, history }: Assignment): string[] {
  const dev = newest(history, "dev");
  const tests = testsIn(newest(history, "qa"));
  const decisions = (dev?.output_decisions ?? []).slice(0, DECISIONS_MAX);
  const title = oneLine(task.title).replace(/[.:]$/, "");
  return [
    dev === undefined ? `- ${title}.` : `- ${title}: ${oneLine(dev.output_summary)}`,
    ...decisions.map(({ decision, rationale }) => `  - Decided: ${oneLine(decision)} (${oneLine(rationale)})`),
    ...(tests === null ? [] : [`  - Tests: ${tests}`]),
  ];
}

function newest(history: readonly Packet[], phase: string): Packet | undefined {
  return history.filter((packet) => packet.phase === phase).toSorted((a, b) => b.version - a.version)[0];
}

function testsIn(packet: Packet | undefined): string | null {
  const tests = packet?.output_metrics.tests;
  if (typeof tests !== "object" || tests === null || !("total" in tests) || !("passed" in tests)) return null;
  return `${plural(Number(tests.total), "test")}, ${Number(tests.passed)} passed.`;
}

/** Text of agents becomes one line of a list, and can be neither a heading nor a new item. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= TEXT_MAX ? line : `${cutText(line, TEXT_MAX - 1)}…`;
}
