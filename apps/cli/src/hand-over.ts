/** How an event of a task reads in the terminal: stage, what happened, how long it took, why. One exhaustive function over the event types. */
import type { EventView, TaskView } from "@baton/domain/api";
import type { Terminal } from "./terminal.ts";

type Style = Terminal["style"];

const STAGE_WIDTH = 6;

/** No line for what only repeats another. `before`: the task's earlier events. */
export function handOverLines(task: TaskView, event: EventView, before: readonly EventView[], style: Style): string[] {
  const what = sentence(task, event, took(event, before), style);
  if (what === null) return [];
  const stage = style("bold", event.from.stage === "none" ? "line" : event.from.stage);
  const pad = " ".repeat(STAGE_WIDTH - (event.from.stage === "none" ? 4 : event.from.stage.length));
  return [
    `  ${stage}${pad}${what}`,
    ...reasons(event).map((reason) => `  ${" ".repeat(STAGE_WIDTH)}  ${style("dim", reason)}`),
  ];
}

function sentence(task: TaskView, event: EventView, time: string, style: Style): string | null {
  const to = event.to.stage === "complete" ? "complete" : `to ${event.to.stage}`;
  const dead = event.to.state === "failed" ? style("red", " – limits used up: dead-letter") : "";
  switch (event.type) {
    case "submitted":
      return `“${task.title}” is on the line`;
    case "claimed":
      return style("dim", `${event.actor} takes it, visit ${event.visit}`);
    case "passed":
      return `${style("green", "passed")} in ${time}, ${to}`;
    case "rejected":
      return `${style("yellow", "rejected")} in ${time}, back to dev${dead}`;
    case "attempt_failed":
      return `${style("red", "attempt failed")} after ${time}: ${first(event.data.message)}${dead}`;
    case "expired":
      return `${style("red", "holder silent")} after ${time}, taken back${dead}`;
    case "released":
      return style("dim", `given back after ${time}`);
    case "blocked":
      return `${style("yellow", "waits")}: ${first(event.data.reason)}`;
    case "cancelled":
      return `${style("yellow", "cancelled")}: ${first(event.data.reason)}`;
    case "advanced":
      return `${style("green", "advanced")} by ${event.actor}, ${to}`;
    case "sent_back":
      return `${style("yellow", "sent back")} to dev by ${event.actor}${dead}`;
    case "unblocked":
    case "stage_set":
    case "reopened":
      return `${event.type.replace("_", " ")} by ${event.actor}, ${to}`;
  }
}

/** Since the claim that this event ends. */
function took(event: EventView, before: readonly EventView[]): string {
  const claim = before.findLast((earlier) => earlier.type === "claimed");
  return claim === undefined ? "no time" : seconds(Date.parse(event.at) - Date.parse(claim.at));
}

export function seconds(millis: number): string {
  return `${(millis / 1_000).toFixed(1)} s`;
}

function reasons(event: EventView): string[] {
  return event.type === "rejected" && Array.isArray(event.data.reasons) ? event.data.reasons.map(first) : [];
}

/** The first line, for lists; without control characters, since agents write these words. */
function first(text: unknown): string {
  return (
    String(text)
      .split("\n")[0]
      ?.replaceAll(/\p{Cc}/gu, " ")
      .slice(0, 200) ?? ""
  );
}
