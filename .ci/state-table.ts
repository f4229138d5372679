/**
 * The state table of docs/ARCHITECTURE.md, made from the one the code moves tasks by. Prints it; `--check` says whether
 * the page still holds the same, `--write` puts it there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { COMMAND_NAMES, type CommandName, FIRST_STAGE, TRANSITIONS, type Transition } from "@baton/domain";

const BEGIN = "<!-- state-table -->";
const END = "<!-- /state-table -->";

export function stateTable(): string {
  const rows = COMMAND_NAMES.map((name) => cells(name, TRANSITIONS[name]));
  const head = ["command", "from", "becomes", "stage", "charged", "leaves"];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function cells(name: CommandName, row: Transition): string[] {
  return [name, fromCell(row), becomesCell(row), stageCell(row), chargedCell(row), leavesCell(row)];
}

const HOLDS: Record<Transition["needs"], string> = { lease: ", lease held", lease_over: ", lease over", nothing: "" };

function fromCell(row: Transition): string {
  return `${row.from.map((state) => (state === "new" ? "(new)" : state)).join(", ")}${HOLDS[row.needs]}`;
}

function becomesCell(row: Transition): string {
  const dependent = row.from.includes("new") ? ["blocked while dependencies are open"] : [];
  const finished = row.stage === "next" ? ["completed after docs"] : [];
  const past = row.past_limit === undefined ? [] : [`${row.past_limit} once the limit is used up`];
  const repeats = row.repeating === undefined ? [] : ["or when it repeats itself"];
  return [row.becomes, ...dependent, ...finished, [...past, ...repeats].join(" ")].filter(Boolean).join("; ");
}

const PLACE: Record<Transition["stage"], string> = {
  same: "same",
  first: FIRST_STAGE,
  next: "next",
  asked: "as asked",
};

function stageCell(row: Transition): string {
  return `${PLACE[row.stage]}${row.visit === "next" ? ", visit + 1" : ""}`;
}

const CHARGED: Record<Transition["charged"], string> = {
  nothing: "nothing",
  loop_back: "a loop-back",
  attempt: "an attempt, only if the fault is the task's",
  crash: "a crash",
  resets: "resets all counters",
};

function chargedCell(row: Transition): string {
  return CHARGED[row.charged];
}

function leavesCell(row: Transition): string {
  return [...row.leaves, `event \`${row.event}\``].join(", ");
}

/** The page with the table between its markers; undefined when it has none. */
export function withTable(page: string): string | undefined {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) return undefined;
  return `${page.slice(0, begin + BEGIN.length)}\n\n${stateTable()}\n\n${page.slice(end)}`;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: "boolean" }, write: { type: "boolean" } } });
  const path = join(import.meta.dirname, "../docs/ARCHITECTURE.md");
  if (!values.check && !values.write) console.log(stateTable());
  else process.exitCode = settle(path, values.write === true) ? 0 : 1;
}

/** Whether the page holds the table, if need be after it was written there. */
function settle(path: string, may_write: boolean): boolean {
  const page = readFileSync(path, "utf8");
  const wanted = withTable(page);
  if (wanted === undefined) console.error(`state table: docs/ARCHITECTURE.md has no ${BEGIN} … ${END}`);
  else if (wanted === page) console.log("state table: docs/ARCHITECTURE.md says what the code does");
  else if (!may_write) console.error("state table: docs/ARCHITECTURE.md is behind; node .ci/state-table.ts --write");
  else writeFileSync(path, wanted);
  return wanted !== undefined && (wanted === page || may_write);
}
