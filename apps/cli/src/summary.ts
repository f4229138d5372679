/** What is said when a watched run is over: how it ended, how long it took, what it cost, and where its result lies. */
import type { EventView } from "@baton/domain/api";
import { seconds } from "./hand-over.ts";
import type { Terminal } from "./terminal.ts";
import type { Watched } from "./watch.ts";

export function summary({ run, tasks, events }: Watched, terminal: Terminal): void {
  const all = [...events.values()].flat();
  const count = (type: EventView["type"]) => all.filter((event) => event.type === type).length;
  const end = run.state === "completed" ? "green" : "yellow";
  const completed = tasks.filter((task) => task.state === "completed").length;
  terminal.line();
  terminal.line(
    `${terminal.style("bold", `Run “${run.name}” is`)} ${terminal.style(end, run.state)} after ${seconds(span(all))}.`,
  );
  terminal.line(
    `  ${completed} of ${tasks.length} task(s) complete, ${count("passed")} hand-overs, ${count("rejected")} sent back to dev`,
  );
  for (const task of tasks) terminal.line(`  ${terminal.style("dim", task.branch)}`);
}

function span(events: readonly EventView[]): number {
  const times = events.map((event) => Date.parse(event.at));
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}
