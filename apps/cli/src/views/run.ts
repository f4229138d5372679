/** How runs read in the terminal. */
import type { ProgressView, RunView, TaskView } from "@baton/domain/api";
import type { Out } from "../out.ts";
import { plain } from "../plain.ts";
import { barLine, barsOf } from "./bars.ts";
import { age, dollars, figure, stateCell } from "./words.ts";

type Look = Pick<Out, "style" | "width" | "table">;

export function runTable(runs: readonly RunView[], out: Look): string[] {
  const rows = runs.map((run) => [run.id, stateCell(run.state), age(run.created_at), run.name]);
  return out.table(["ID", "STATE", "AGE", "NAME"], rows);
}

export function runLines(run: RunView, progress: ProgressView, tasks: readonly TaskView[], out: Look): string[] {
  const rows = tasks.map((task) => [task.id, task.stage, stateCell(task.state), String(task.visit), task.title]);
  return [
    headline(run, progress, out.style),
    ...(run.reason === null ? [] : [plain(run.reason)]),
    ...barsOf(progress).map((bar) => barLine(bar, out.width, out.style)),
    ...progress.blocked.map(({ title, kind, reason }) => `${plain(title)} waits (${kind}): ${plain(reason)}`),
    "",
    ...out.table(["TASK", "STAGE", "STATE", "VISIT", "TITLE"], rows),
  ];
}

/** Name, state, percent, tasks and cost in one line. */
export function headline(run: RunView, progress: ProgressView, style: Out["style"]): string {
  const { text, style: colour } = stateCell(run.state);
  const done = `${progress.by_state.completed}/${progress.total} completed`;
  const tokens = progress.tokens_in + progress.tokens_out;
  const cost = `${dollars(progress.cost_usd)}, ${figure(tokens)} tokens`;
  return `${style("bold", plain(run.name))}  ${style(colour, text)}  ${Math.floor(progress.percent)} %  ${done}  ${style("dim", cost)}`;
}
