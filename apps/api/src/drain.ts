/** The way out: once draining begins no new work is taken and whoever waits is told at once. */

export interface Drain {
  readonly draining: boolean;
  /** How many would be told. */
  readonly waiting: number;
  begin(): void;
  /** Calls `tell` when draining begins, at once if it already has; gives the way to take it back. */
  onBegin(tell: () => void): () => void;
}

export function openDrain(): Drain {
  const told = new Set<() => void>();
  let draining = false;
  return {
    get draining() {
      return draining;
    },
    get waiting() {
      return told.size;
    },
    begin: () => {
      draining = true;
      for (const tell of told) tell();
      told.clear();
    },
    onBegin: (tell) => {
      if (draining) tell();
      else told.add(tell);
      return () => told.delete(tell);
    },
  };
}
