/**
 * Which tickets go as one. Tickets of a stage are alike, so those of tasks that get there at the same moment need only one
 * between them, as long as somebody looks for all of them: a hosted worker does, a pulling agent takes its tasks one by one.
 */
import { newId } from "@baton/db";
import { isStage, type Place } from "@baton/domain";
import { TICKET_TASKS } from "@baton/queue";

/** Where a task's ticket leads, if others may share it; null when it has to be the task's own. `hosted`: see `ProjectRow`. */
export function sharedPlace(workspace_id: string, place: Place, hosted: readonly string[] = []): string | null {
  return isStage(place) && hosted.includes(place) ? `${workspace_id} ${place}` : null;
}

/** For tickets that lead to these places, in this order: the bundle that each belongs to. A ticket alone at its place is its own. */
export function bundlesOf(places: readonly (string | null)[]): (string | undefined)[] {
  const bundles = places.map((): string | undefined => undefined);
  const by_place = Map.groupBy(places.keys(), (i) => places[i] ?? null);
  by_place.delete(null);
  for (const members of by_place.values()) {
    for (let start = 0; start < members.length - 1; start += TICKET_TASKS) {
      const bundle = newId();
      for (const i of members.slice(start, start + TICKET_TASKS)) bundles[i] = bundle;
    }
  }
  return bundles;
}
