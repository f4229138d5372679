/** Long polls: agents that found nothing wait for a ticket of their stages. Whatever the queue says, somebody looks for all of them every few seconds. */
import type { Stage } from "@baton/domain";
import { openQueues, type Place, type WaitingQueues } from "./waiting-queues.ts";

/** Between two looks on behalf of everybody who waits; jittered, so that servers do not all look at once. */
const LOOK_AGAIN_MS = 5_000;

/** How many tasks are ready in each place, one answer for all who wait. */
export type Peek = (places: readonly Place[]) => Promise<readonly (Place & { ready: number })[]>;

/** Who waits: for what, and since which mark. */
export interface Wait {
  workspace_id: string;
  stages: readonly Stage[];
  since: number;
  ms: number;
  signal: AbortSignal;
}

export interface WaitingRoom {
  /** To be taken before looking: a ticket added between the look and the wait ends the wait at once. */
  mark(): number;
  /** Resolves when it is worth looking again, when `ms` are over, or when the signal fires. */
  wait(who: Wait): Promise<void>;
  /** A ticket was added to the stage: in each workspace the agent that has waited longest looks. */
  ticketAdded(stage: Stage): void;
  /** What lies ready was not for this one, who looked at `mark`: the next, who has not looked since, may try. */
  passOn(who: Pick<Wait, "workspace_id" | "stages">, mark: number): void;
  /** Everybody looks once more, at once: the server is shutting down. */
  wakeAll(): void;
}

/** Errors of a look are given to `onError`; the next look makes good for it. */
export function openWaitingRoom(
  peek: Peek = async () => [],
  onError: (error: unknown) => void = () => {},
): WaitingRoom {
  const queues = openQueues();
  const lookout = openLookout(queues, peek, onError);
  /** The number of the newest ticket of each stage, in tickets heard of. */
  const newest: Record<Stage, number> = { dev: 0, qa: 0, sec: 0, docs: 0 };
  let heard = 0;
  return {
    mark: () => heard,
    wait: ({ workspace_id, stages, since, ms, signal }) =>
      new Promise((resolve) => {
        const leave = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", leave);
          for (const stage of stages) queues.exit({ workspace_id, stage }, waiter);
          resolve();
        };
        const waiter = { since, leave };
        const timer = setTimeout(leave, ms);
        signal.addEventListener("abort", leave);
        for (const stage of stages) queues.enter({ workspace_id, stage }, waiter);
        lookout.watch();
        if (signal.aborted || stages.some((stage) => newest[stage] > since)) leave();
      }),
    ticketAdded: (stage) => {
      heard += 1;
      newest[stage] = heard;
      for (const place of queues.places()) if (place.stage === stage) wake(queues, place, 1);
    },
    passOn: ({ workspace_id, stages }, mark) => {
      const waiting = stages.flatMap((stage) => queues.at({ workspace_id, stage }));
      waiting.find(({ since }) => since < mark)?.leave();
    },
    wakeAll: () => {
      for (const place of queues.places()) wake(queues, place, Number.POSITIVE_INFINITY);
    },
  };
}

function wake(queues: WaitingQueues, place: Place, most: number): void {
  for (const { leave } of queues.at(place).slice(0, most)) leave();
}

/** While anybody waits, one look after the other for everybody; as many are woken as there is work for. */
function openLookout(queues: WaitingQueues, peek: Peek, onError: (error: unknown) => void): { watch(): void } {
  let next: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const places = queues.places();
    if (places.length > 0) {
      const found = await peek(places).catch((error: unknown) => {
        onError(error);
        return [];
      });
      for (const place of found) wake(queues, place, place.ready);
    }
    next = undefined;
    if (queues.places().length > 0) watch();
  }

  function watch(): void {
    next ??= setTimeout(() => void look(), LOOK_AGAIN_MS * (0.8 + 0.2 * Math.random())).unref();
  }

  return { watch };
}
