/** What a scenario has in its hands: the processes of Baton, the servers under them and the ways between. How they are started is `start.ts`. */
import type { Way } from "../ways/way.ts";

export type Kind = "api" | "worker" | "director" | "agents";

/** One process that is started again whenever it dies, as an operator's supervisor would do it. */
export interface Member {
  name: string;
  kind: Kind;
  /** Of the process that runs now; undefined between two lives. */
  readonly pid: number | undefined;
  /** It lives and has said that it is ready. */
  readonly ready: boolean;
  /** Lives begun so far. */
  readonly lives: number;
  /** Resolves with the milliseconds from the death to the next "ready". */
  kill(): Promise<number>;
  freeze(): void;
  thaw(): void;
  /** SIGTERM; resolves with the milliseconds until it has ended. It is started again. */
  restart(): Promise<number>;
}

/** A server of the cluster's own, on a spare port. */
export interface Server {
  url: string;
  /** Ends it as a power cut would (Postgres: what was not written down is recovered at the next start). */
  kill(): Promise<void>;
  /** Starts it again at the same address, with what is on its disk. */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

export interface Cluster {
  members: readonly Member[];
  of(kind: Kind): readonly Member[];
  /** Through their own ports; agents choose one and change to the other when it is away. */
  api_urls: readonly string[];
  /** An admin's. */
  token: string;
  postgres: Server;
  redis: Server;
  /** Every process of Baton reaches its servers through these. */
  ways: { postgres: Way; redis: Way };
  /** Past the ways: for the checker. */
  database_url: string;
  redis_url: string;
  /** Processes that died although nobody killed them: name, code and last words. */
  readonly accidents: readonly string[];
  stop(): Promise<void>;
}
