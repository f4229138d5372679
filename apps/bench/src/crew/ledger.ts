/** The ledger of a round: what the worker processes have told so far, and a way to wait for more. */

export interface Ledger {
  /** When each task was through, by its id. */
  finished: ReadonlyMap<string, number>;
  /** Tasks that came through twice, processes that died. */
  faults: readonly string[];
  /** Errors that the worker processes told of and went on. */
  troubles: readonly string[];
  /** Resolves when so many tasks are through. Rejects when none has come through for half a minute. */
  whenFinished(count: number): Promise<void>;
}

/** What the worker processes write into it. */
export interface Reports {
  finished(tasks: readonly (readonly [task_id: string, at: number])[]): void;
  trouble(message: string): void;
  /** A process ended unasked. */
  died(code: number | null): void;
}

const SILENCE_MS = 30_000;

export function openLedger(): { ledger: Ledger; reports: Reports } {
  const finished = new Map<string, number>();
  const [faults, troubles]: [string[], string[]] = [[], []];
  let hear = () => {};
  const reports: Reports = {
    finished: (tasks) => {
      for (const [id, at] of tasks) {
        if (finished.has(id)) faults.push(`task ${id} came through twice`);
        finished.set(id, at);
      }
      hear();
    },
    trouble: (message) => void troubles.push(message),
    died: (code) => void faults.push(`a worker process ended with ${String(code)}`),
  };
  const whenFinished = (count: number) =>
    untilSilence(
      () => finished.size >= count,
      (listener) => {
        hear = listener;
      },
    ).catch(() => {
      const said = [...faults, ...troubles].slice(0, 3).join("; ");
      throw new Error(`${count - finished.size} of ${count} tasks are not through, and none comes any more. ${said}`);
    });
  return { ledger: { finished, faults, troubles, whenFinished }, reports };
}

/** Asks at once and with each news whether it is enough. */
function untilSilence(enough: () => boolean, listen: (listener: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const give_up = () => reject(new Error("silence"));
    let timer = setTimeout(give_up, SILENCE_MS);
    const look = () => {
      clearTimeout(timer);
      if (enough()) resolve();
      else timer = setTimeout(give_up, SILENCE_MS);
    };
    listen(look);
    look();
  });
}
