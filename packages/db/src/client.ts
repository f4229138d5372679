/** The connection to Postgres: one pool, a deadline on every query, and transactions. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { drizzle, type NodePgDatabase } from "./drizzle.ts";
import { isAway, isCollision, isOutdated } from "./faults.ts";
import * as schema from "./schema/index.ts";

/** A statement that the server prepares once per connection under `name`. */
export interface Statement {
  name: string;
  text: string;
}

type Row = Record<string, unknown>;

export interface Db {
  /** Queries built from the schema: reads and plain inserts. */
  orm: NodePgDatabase<typeof schema>;
  /** Runs a prepared statement and gives its rows. */
  run<R extends Row>(statement: Statement, values: readonly unknown[]): Promise<R[]>;
  /**
   * Commits when `work` resolves, rolls back when it throws. Inside a transaction it joins that one. `work` may be run
   * again after a collision with another transaction, or after a migration.
   */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
}

export interface Database extends Db {
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections at most. */
  connections?: number;
  /** Called for errors of idle connections; the pool replaces them by itself. */
  onError?: (error: Error) => void;
}

/** Longest a statement may run on the server, and longest we wait for its answer: a frozen server must not freeze us. */
const STATEMENT_MS = 4_000;
const ANSWER_MS = 5_000;

/**
 * Our statements take arrays and JSON whose sizes the planner cannot see: one plan for all of them. It is made once, when
 * the tables may still be empty, and then used for long: so it goes row by row along the indexes, which everything we
 * ask for has, and never through a whole table or a whole index. The states of tasks have no statistics, since they are others
 * when the plan is used. Compiling such plans to machine code never pays.
 */
const PLANNING = [
  "plan_cache_mode=force_generic_plan",
  "enable_seqscan=off",
  "enable_hashjoin=off",
  "enable_mergejoin=off",
  "enable_bitmapscan=off",
  "jit=off",
]
  .map((setting) => `-c ${setting}`)
  .join(" ");

// Counters and epochs fit a double exactly; money stays a string.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const connections = options.connections ?? 8;
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 5_000,
    keepAlive: true,
    application_name: "baton",
    options: PLANNING,
  });
  const report = options.onError ?? (() => {});
  pool.on("error", report);
  // A checked-out client without a listener of its own would end the process when its connection breaks.
  pool.on("connect", (client) => client.on("error", report));
  return {
    orm: drizzle(pool, { schema }),
    run: (statement, values) => withFreshPlans(connections, () => rowsOf(pool, statement, values)),
    transaction: (work) => withoutCollision(() => withFreshPlans(connections, () => inTransaction(pool, work))),
    close: () => pool.end(),
  };
}

/**
 * A migration leaves every connection with statements that it can never run again. Each that is met is closed, by the pool
 * where a single statement failed on it, by us after a transaction; then the work is done on another, at last on a new one.
 */
async function withFreshPlans<T>(connections: number, work: () => Promise<T>): Promise<T> {
  for (let met = 0; ; met += 1) {
    try {
      return await work();
    } catch (error) {
      if (met === connections || !isOutdated(error)) throw error;
    }
  }
}

/** How often a transaction is begun when it gets in the way of others. */
const TRIES = 3;
/** At most: the other one has to get its lock first, or the two meet again. */
const PAUSE_MS = 50;

/** Two transactions that wait for each other: the server ends one of them, and nothing is wrong with it. */
async function withoutCollision<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (tries === TRIES || !isCollision(error)) throw error;
      await sleep(PAUSE_MS * Math.random());
    }
  }
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let unusable: Error | undefined;
  try {
    await client.query("begin");
    const value = await work(joined(client));
    await commit(client);
    return value;
  } catch (error) {
    unusable = await rollback(client, error);
    throw error;
  } finally {
    client.release(unusable);
  }
}

/** The server answers a commit with a rollback when a statement had failed and its error was kept quiet. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query("commit");
  if (command !== "COMMIT") throw new Error("a statement of the transaction had failed: nothing was committed");
}

/** Gives why the connection must not be used again. One that does not answer is not asked once more, but closed. */
async function rollback(client: pg.PoolClient, because: unknown): Promise<Error | undefined> {
  if (because instanceof Error && (isAway(because) || isOutdated(because))) return because;
  return client.query("rollback").then(
    () => undefined,
    (failure: Error) => failure,
  );
}

function joined(client: pg.PoolClient): Db {
  const tx: Db = {
    orm: drizzle(client, { schema }),
    run: (statement, values) => rowsOf(client, statement, values),
    transaction: (work) => work(tx),
  };
  return tx;
}

async function rowsOf<R extends Row>(on: pg.Pool | pg.PoolClient, statement: Statement, values: readonly unknown[]) {
  const result = await on.query<R>({ name: statement.name, text: statement.text, values: [...values] });
  return result.rows;
}
