/**
 * Which tickets go as one. Tickets of a stage are alike, so those of a run's tasks that get there at the same moment need only
 * one between them, as long as somebody looks for all of them: a hosted worker does, a pulling agent takes its tasks one by one.
 */
import { newId } from "@baton/db";
import { isStage, type Place } from "@baton/domain";
import { TICKET_TASKS } from "@baton/queue";

/**
 * What tickets have to agree in to be shared: the same text for all that lead to this stage of the run; null for one that must
 * be the task's own. Not of several runs: a look always considers the run that its ticket names, and whether its project has a
 * limit. `hosted`: see `ProjectRow`.
 */
export function sharedBy(run_id: string, place: Place, hosted: readonly string[] = []): string | null {
  return isStage(place) && hosted.includes(place) ? `${run_id} ${place}` : null;
}

/** The items in their order, each with the bundle to which its ticket belongs; one that shares its key with nobody has none. */
export function inBundles<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | null,
): (Omit<Item, "bundle"> & { bundle: string | undefined })[] {
  const bundles = bundlesOf(items.map(keyOf));
  return items.map((item, i) => ({ ...item, bundle: bundles[i] }));
}

function bundlesOf(keys: readonly (string | null)[]): (string | undefined)[] {
  const bundles = keys.map((): string | undefined => undefined);
  const by_key = Map.groupBy(keys.keys(), (i) => keys[i] ?? null);
  by_key.delete(null);
  for (const members of by_key.values()) {
    for (let start = 0; start < members.length - 1; start += TICKET_TASKS) {
      const bundle = newId();
      for (const i of members.slice(start, start + TICKET_TASKS)) bundles[i] = bundle;
    }
  }
  return bundles;
}
