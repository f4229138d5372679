/** Which states and places may follow each other, derived from the transition table: the law that the database repeats. */
import { FIRST_STAGE, nextPlace, type Place, STAGES } from "./stages.ts";
import { TRANSITIONS, type Transition } from "./transitions.ts";

const ROWS: Transition[] = Object.values(TRANSITIONS);

/** `from>to` for each pair of states that an event may join. */
export function stateEdges(): string[] {
  const edges = ROWS.flatMap((row) => row.from.flatMap((from) => statesAfter(row).map((to) => `${from}>${to}`)));
  return [...new Set(edges)].sort();
}

/** `from>to` for each pair of places that an event may join; the same place is always allowed on the line. */
export function placeEdges(): string[] {
  const edges = ROWS.flatMap((row) =>
    placesBefore(row).flatMap((from) => placesAfter(row, from).map((to) => `${from}>${to}`)),
  );
  return [...new Set(edges)].sort();
}

function statesAfter(row: Transition): string[] {
  const completes = row.stage === "next" ? ["completed"] : [];
  const waits = row.event === "submitted" ? ["blocked"] : [];
  const ends = [row.past_limit, row.repeating].filter((state) => state !== undefined);
  return [row.becomes, ...ends, ...completes, ...waits];
}

function placesBefore(row: Transition): Place[] {
  if (row.from.includes("new")) return ["none"];
  return row.from.includes("completed") ? [...STAGES, "complete"] : [...STAGES];
}

function placesAfter(row: Transition, from: Place): Place[] {
  switch (row.stage) {
    case "same":
      return [from];
    case "first":
      return [FIRST_STAGE];
    case "next":
      return STAGES.filter((stage) => stage === from).map(nextPlace);
    case "asked":
      return [...STAGES];
  }
}
