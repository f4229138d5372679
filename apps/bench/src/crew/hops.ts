/** How long a task was between two stages: from the end of one stage's work to the beginning of the next one's. */
import { STAGES } from "@baton/domain";
import type { Note } from "./messages.ts";

/** In ms, of every two neighbouring stages that were noted of a task. Work that was done twice counts from its first end to its first beginning. */
export function hopsOf(notes: readonly Note[]): number[] {
  const by_task = Map.groupBy(notes, ({ task_id }) => task_id);
  return [...by_task.values()].flatMap((own) => {
    const works = STAGES.map((stage) => first(own.filter((note) => note.stage === stage)));
    return works.slice(1).flatMap((next, i) => {
      const before = works[i];
      return before && next ? [next.begun - before.done] : [];
    });
  });
}

function first(notes: readonly Note[]): Note | undefined {
  return notes.toSorted((a, b) => a.begun - b.begun)[0];
}
