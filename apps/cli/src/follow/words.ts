/** One line for each change that is seen: in words, or as JSON. */
import { handOverLines } from "../hand-over.ts";
import { cut, plain } from "../plain.ts";
import type { Terminal } from "../terminal.ts";
import type { Change, Look } from "./follow.ts";

/** Null for what only repeats another. */
export function changeLine({ task, event, before }: Change, style: Terminal["style"]): string | null {
  const [line] = handOverLines(task, event, before, style);
  if (line === undefined) return null;
  const title = event.type === "submitted" ? "" : `  ${style("dim", cut(plain(task.title), 60))}`;
  return `${style("dim", event.at.slice(11, 19))}${line}${title}`;
}

export interface Teller {
  told: (look: Look) => void;
}

/** For a stream that is no terminal: what is new, line by line. */
export function tellInLines(write: (line: string) => void, style: Terminal["style"]): Teller {
  let last = "";
  const news = (line: string) => {
    if (line !== last) write(line);
    last = line;
  };
  return {
    told: (look) => {
      if (look.kind === "away") return news(`${look.detail} Asking again.`);
      for (const change of look.changes) {
        const line = changeLine(change, style);
        if (line !== null) write(line);
      }
      const { run, progress } = look;
      const done = `${progress.by_state.completed}/${progress.total} completed`;
      news(`Run “${plain(run.name)}” is ${run.state}: ${Math.floor(progress.percent)} %, ${done}`);
    },
  };
}

/** JSON lines: `change` for each event of a task, `run` when the run or its figures changed, `away` when nobody answers. */
export function tellInJson(write: (line: string) => void): Teller {
  let last = "";
  const news = (line: string) => {
    if (line !== last) write(line);
    last = line;
  };
  return {
    told: (look) => {
      if (look.kind === "away") return news(JSON.stringify({ type: "away", detail: look.detail }));
      for (const { task, event } of look.changes) {
        write(JSON.stringify({ type: "change", task_id: task.id, title: task.title, event }));
      }
      news(JSON.stringify({ type: "run", run: look.run, progress: look.progress }));
    },
  };
}
