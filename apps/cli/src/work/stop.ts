/** When `baton work` is to end: the first request gives the task back, the second leaves at once and takes the agent along. */
import type { StopRequest } from "../stop-request.ts";

export interface Stop {
  /** Fires at the first request. */
  signal: AbortSignal;
  /** The process group that a second request must not leave behind. */
  onGroup: (group: number) => void;
}

export function stopBy(request: StopRequest, leave: () => void): Stop {
  const asked = new AbortController();
  let group: number | null = null;
  void request.made.then(() => asked.abort(new Error("asked to end")));
  request.onInsisted(() => {
    if (group !== null) kill(group);
    leave();
  });
  return {
    signal: asked.signal,
    onGroup: (one) => {
      group = one;
    },
  };
}

function kill(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It has gone by itself.
  }
}
