/** The recorder: watches the runs of features and has them rolled up when they move. Knows nothing of what a roll-up holds. */
import { activeFeatureRuns, latestFeatureRuns, type Standing, standingsOf } from "@baton/db";
import { isFinalRun } from "@baton/domain";
import type { OpenLine } from "./line.ts";
import { rollUpRun } from "./roll-up.ts";

/** Active runs that are looked for in one pass. */
const ACTIVE = 1_000;
/** Runs of any state that are looked through in one pass, newest first: what happened while no recorder ran. */
const SWEPT = 50;
/** Watched runs that are looked at in one pass, those first that were not looked at for longest. */
const WATCHED = 500;

export interface Recorder {
  /** One pass; gives how many packets were written. The next pass goes on where this one stopped. */
  tick(): Promise<number>;
}

export function openRecorder(line: OpenLine): Recorder {
  /** How each run stood when nothing was owed any more; null when that is not known. */
  const watched = new Map<string, string | null>();
  let active: string | null = null;
  let swept: string | null = null;

  async function watchMore(): Promise<void> {
    const pages = [await activeFeatureRuns(line.db, active, ACTIVE), await latestFeatureRuns(line.db, swept, SWEPT)];
    [active = null, swept = null] = pages.map((page) => page.next);
    for (const id of pages.flatMap((page) => page.ids)) if (!watched.has(id)) watched.set(id, null);
  }

  /** A run that is over is let go once all is written: it is taken up again when it becomes active again. */
  async function look(run: Standing): Promise<number> {
    const stands = `${run.state} ${run.steps} ${run.updated_at.getTime()}`;
    const before = watched.get(run.id);
    watched.delete(run.id);
    const written = before === stands ? 0 : await rollUpRun(line, run).catch(notNow(run));
    if (written !== null && isFinalRun(run.state)) return written;
    watched.set(run.id, written === null ? null : stands);
    return written ?? 0;
  }

  /** It stays watched and is tried again; the others do not wait for it. */
  const notNow = (run: Standing) => (error: unknown) => {
    line.onError(new Error(`run ${run.id} could not be rolled up`, { cause: error }));
    return null;
  };

  return {
    tick: async () => {
      await watchMore();
      let written = 0;
      for (const run of await standingsOf(line.db, [...watched.keys()].slice(0, WATCHED))) written += await look(run);
      return written;
    },
  };
}
