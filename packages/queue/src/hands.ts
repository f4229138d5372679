/** The hands of a worker process: how much it works at the same time, and who waits for one of them to be free. */

export interface Hands {
  /** Takes up to so many; gives how many it got, none when all are full. */
  take(most: number): number;
  /** Gives one back. */
  put(): void;
  /** Resolves when one is free, or when the hands are closed. */
  whenFree(): Promise<void>;
  anyFree(): boolean;
  whenAllFree(): Promise<void>;
  /** From now on no more are taken, and nobody waits for a free one. */
  close(): void;
}

export function openHands(count: number): Hands {
  let free = count;
  let closed = false;
  const waiting: (() => void)[] = [];
  const all_free: (() => void)[] = [];
  return {
    take: (most) => {
      const taken = closed ? 0 : Math.min(most, free);
      free -= taken;
      return taken;
    },
    put: () => {
      free += 1;
      for (const tell of waiting.splice(0)) tell();
      if (free === count) for (const tell of all_free.splice(0)) tell();
    },
    whenFree: () =>
      new Promise((resolve) => {
        if (free > 0 || closed) resolve();
        else waiting.push(resolve);
      }),
    anyFree: () => free > 0,
    whenAllFree: () =>
      new Promise((resolve) => {
        if (free === count) resolve();
        else all_free.push(resolve);
      }),
    close: () => {
      closed = true;
      for (const tell of waiting.splice(0)) tell();
    },
  };
}
