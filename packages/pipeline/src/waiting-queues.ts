/** Who waits where: one queue for each stage of each workspace, longest waiting first. */
import type { Stage } from "@baton/domain";

/** Where somebody waits. */
export interface Place {
  workspace_id: string;
  stage: Stage;
}

interface Waiter {
  /** When it last looked, as a mark of the room. */
  since: number;
  leave: () => void;
}

export interface WaitingQueues {
  enter(place: Place, waiter: Waiter): void;
  exit(place: Place, waiter: Waiter): void;
  /** Where somebody waits. */
  places(): Place[];
  /** Longest waiting first. */
  at(place: Place): Waiter[];
}

export function openQueues(): WaitingQueues {
  const queues = new Map<string, Place & { waiters: Set<Waiter> }>();
  const nameOf = ({ workspace_id, stage }: Place) => `${workspace_id} ${stage}`;
  return {
    enter: ({ workspace_id, stage }, waiter) => {
      const name = nameOf({ workspace_id, stage });
      const queue = queues.get(name) ?? { workspace_id, stage, waiters: new Set() };
      queues.set(name, queue);
      queue.waiters.add(waiter);
    },
    exit: (place, waiter) => {
      const queue = queues.get(nameOf(place));
      if (queue?.waiters.delete(waiter) && queue.waiters.size === 0) queues.delete(nameOf(place));
    },
    places: () => [...queues.values()].map(({ workspace_id, stage }) => ({ workspace_id, stage })),
    at: (place) => [...(queues.get(nameOf(place))?.waiters ?? [])],
  };
}
