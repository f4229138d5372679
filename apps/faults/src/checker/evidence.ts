/** What the database, the queue and the store hold once everything has healed, as plain rows: what a history is held against. How it is read is `read-evidence.ts`. */
import type { AttemptRow, EventRow, RunRow, TaskRow } from "@baton/db";
import type { Call } from "../history/read.ts";
import type { Violation } from "../scenario.ts";

/** A stored packet; what it says only as its hash. */
export interface StoredPacket {
  id: string;
  hash: string;
  /** The commit that it stands for, where there is a repository. */
  commit?: string;
}

interface StoredFinding {
  title: string;
  packet_id: string;
}

interface StoredArtifact {
  id: string;
  lease_id: string;
  name: string;
  checksum: string;
}

/** One task with all that ever happened to it. */
export interface Life {
  task: TaskRow;
  /** In their order. */
  events: EventRow[];
  /** By epoch. */
  attempts: AttemptRow[];
  packets: StoredPacket[];
  findings: StoredFinding[];
  artifacts: StoredArtifact[];
  /** What is wrong with its ledger. */
  ledger: string | null;
}

/** An answer that was kept for repeated requests. */
export interface KeptKey {
  route: string;
  key: string;
  /** The run that a kept answer of `createRun` tells of. */
  run_id: string | null;
}

/** What the watch in the database saw in the transaction that wrote an event. */
export interface Watched {
  task_id: string;
  seq: number;
  /** Its run was paused: then it gets no ticket. */
  held: boolean;
  /** Its newest ticket lay in the outbox. */
  ticket: boolean;
  /** The state of its run by then. */
  run_state: string;
}

export interface Evidence {
  runs: RunRow[];
  /** Of projects that have limits, by their id: `total` and stages. */
  capacities: ReadonlyMap<string, Readonly<Record<string, number>>>;
  lives: Life[];
  keys: KeptKey[];
  /** Tickets that are due and lie in the outbox after healing, as text. */
  unsent: string[];
  /** Ready tasks that hosted workers serve and whose ticket is in no queue. Null: nobody looked. */
  stranded: string[] | null;
  /** Null when no watch was set up. */
  watched: Watched[] | null;
  /** Contents that artifacts name and that are not there, or not as they were. Null: nobody looked. */
  damaged: string[] | null;
}

/** Holds what was said against what is there. Pure. */
export type Invariant = (calls: readonly Call[], evidence: Evidence) => Violation[];
