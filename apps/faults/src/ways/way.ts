/** The way to a server, as a scenario bends it: a TCP proxy on loopback. What it does to bytes is `start-way.ts`. */

export interface Way {
  /** The server's URL, through the proxy. */
  url: string;
  /** Each piece of data, in both directions, comes so much later. */
  slow(latency_ms: number, jitter_ms: number): void;
  /** Bytes a second, per connection and direction. */
  throttle(bytes_per_s: number): void;
  /** Resets all connections; new ones are taken at once. Gives how many there were. */
  reset(): number;
  /** Nothing gets through and nobody is told: neither old connections nor new ones. */
  blackhole(): void;
  /**
   * Of each hundred answers to a COMMIT (or to a statement that is its own transaction) so many are swallowed and their connection reset: it is done,
   * and the caller does not know. Gives how many were cut since the last call.
   */
  cutAfterCommit(percent: number): () => number;
  /** Everything as it should be. */
  heal(): void;
  close(): Promise<void>;
}
