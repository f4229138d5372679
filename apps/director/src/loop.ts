/** Runs one upkeep task for ever: a pass, a pause, the next pass. A pass that fails is reported, not too often, and tried again. */
import type { Upkeep } from "@baton/pipeline";

export interface Loop {
  /** Resolves when the pass under way has ended. */
  stop(): Promise<void>;
}

/** Between two reports of passes that fail one after the other: they say the same. */
const QUIET_MS = 10_000;

interface LoopReports {
  did: (name: Upkeep["name"], count: number) => void;
  failed: (name: Upkeep["name"], error: unknown) => void;
}

export function startLoop(upkeep: Upkeep, reports: LoopReports): Loop {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let pass = Promise.resolve();
  let quiet_until = 0;

  async function tick(): Promise<void> {
    try {
      const count = await upkeep.tick();
      quiet_until = 0;
      if (count > 0) reports.did(upkeep.name, count);
    } catch (error) {
      if (performance.now() >= quiet_until) {
        quiet_until = performance.now() + QUIET_MS;
        reports.failed(upkeep.name, error);
      }
    }
    // Not all directors at the same moment.
    if (!stopped) timer = setTimeout(run, upkeep.every_ms * (0.9 + 0.2 * Math.random()));
  }

  function run(): void {
    pass = tick();
  }

  run();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return pass;
    },
  };
}
