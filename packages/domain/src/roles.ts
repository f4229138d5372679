/** Who a token speaks for. */
export const ROLES = [
  /** Everything. */
  "admin",
  /** Projects, features, runs, tasks, packets, and reading them. */
  "producer",
  /** Leases, and reading what it holds; may be limited to some stages. */
  "agent",
] as const;
export type Role = (typeof ROLES)[number];
