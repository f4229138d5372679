/** What `baton work` says as it goes: one line of JSON for each event, or the same in words for people. */
import type { Directive } from "@baton/domain";
import type { Terminal } from "../terminal.ts";

export type WorkEvent =
  | { event: "waiting"; stages: readonly string[]; reason: string }
  | { event: "server_away"; detail: string }
  | { event: "server_back" }
  | {
      event: "claimed";
      task_id: string;
      lease_id: string;
      stage: string;
      visit: number;
      attempt: number;
      title: string;
    }
  | { event: "output"; stream: "stdout" | "stderr"; text: string }
  | { event: "note"; text: string }
  | { event: "directive"; directive: Directive }
  | { event: "message"; author: string; text: string }
  | { event: "passed" | "rejected"; task_id: string; duration_ms: number; reasons: string[]; warnings: string[] }
  | { event: "failed"; task_id: string; fault: string; quota: boolean; retry_after_s: number | null; message: string }
  | { event: "blocked"; task_id: string; reason: string }
  | { event: "released"; task_id: string; why: "asked to end" | "the run is paused" }
  | { event: "thrown_away"; task_id: string; why: string }
  | { event: "ended"; worked: number; passed: number; rejected: number; failed: number; exit_code: number };

export type Say = (event: WorkEvent) => void;

/** On standard output; `now` is asked for each event. */
export function sayAsJson(write: (line: string) => void, now: () => Date = () => new Date()): Say {
  return (event) => write(`${JSON.stringify({ at: now().toISOString(), ...event })}\n`);
}

export function sayInWords({ line, style }: Terminal): Say {
  return (event) => {
    switch (event.event) {
      case "waiting":
        return line(style("dim", `waits for work (${event.stages.join(", ")}): ${event.reason}`));
      case "server_away":
        return line(style("yellow", `the server is away, asking again: ${plain(event.detail)}`));
      case "server_back":
        return line(style("green", "the server is back"));
      case "claimed":
        return line(
          `${style("bold", event.stage)} “${plain(event.title)}” ${style("dim", `visit ${event.visit}, attempt ${event.attempt}, task ${event.task_id}`)}`,
        );
      case "output":
        // What is meant for machines is no good to people.
        return event.text.startsWith("{") ? undefined : line(style("dim", `  | ${plain(event.text)}`));
      case "note":
        return line(style("dim", `  ${plain(event.text)}`));
      case "directive":
        return line(style("yellow", `  the line says: ${event.directive}`));
      case "message":
        return line(`  ${style("bold", plain(event.author))}: ${plain(event.text)}`);
      case "ended":
        return line(ended(event));
      case "passed":
      case "rejected":
      case "failed":
      case "blocked":
      case "released":
      case "thrown_away":
        return line(`  ${result(event, style)}`);
    }
  };
}

type ResultEvent = Extract<WorkEvent, { task_id: string }>;

function result(event: Exclude<ResultEvent, { event: "claimed" }>, style: Terminal["style"]): string {
  switch (event.event) {
    case "passed":
      return `${style("green", "passed")} after ${seconds(event.duration_ms)}${listed(event.warnings)}`;
    case "rejected":
      return `${style("yellow", "rejected")} after ${seconds(event.duration_ms)}${listed(event.reasons)}`;
    case "failed":
      return `${style("red", event.quota ? "no quota" : "attempt failed")} (${event.fault}): ${plain(event.message)}`;
    case "blocked":
      return `${style("yellow", "waits for a person")}: ${plain(event.reason)}`;
    case "released":
      return style("yellow", `given back: ${event.why}`);
    case "thrown_away":
      return style("red", `the work is thrown away: ${plain(event.why)}`);
  }
}

function ended({ worked, passed, rejected, failed }: Extract<WorkEvent, { event: "ended" }>): string {
  return `Worked ${worked} ${worked === 1 ? "task" : "tasks"}: ${passed} passed, ${rejected} rejected, ${failed} without a result.`;
}

function listed(lines: readonly string[]): string {
  return lines.map((one) => `\n    - ${plain(one)}`).join("");
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** Agents and users write these words: they get no say in what the terminal does. */
function plain(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, " ")
    .trimEnd()
    .slice(0, 2_000);
}
