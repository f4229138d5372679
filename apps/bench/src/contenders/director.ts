/** A director in the bench's own process: the loops that make good what was lost. On a good day they look and find nothing. */
import { type OpenLine, type Upkeep, upkeepOf } from "@baton/pipeline";

export interface Director {
  /** Resolves when the passes under way have ended. */
  stop(): Promise<void>;
}

export function startDirector(line: OpenLine): Director {
  const stops = upkeepOf(line).map((upkeep) => repeat(upkeep, line.onError));
  return {
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

function repeat({ tick, every_ms }: Upkeep, onError: (error: unknown) => void): () => Promise<unknown> {
  let pass: Promise<unknown> = Promise.resolve();
  let passing = false;
  const timer = setInterval(() => {
    if (passing) return;
    passing = true;
    pass = tick()
      .catch(onError)
      .finally(() => {
        passing = false;
      });
  }, every_ms);
  return () => {
    clearInterval(timer);
    return pass;
  };
}
