/** Reads the evidence: database, queue and store as they are after healing. Changes nothing and judges nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AttemptRow,
  attemptsInOrder,
  type Database,
  isAway,
  openDatabase,
  type RunRow,
  readLedger,
  type TaskRow,
} from "@baton/db";
import { type Ledger, type LedgerEntry, verifyLedger } from "@baton/domain";
import { openStore } from "@baton/store";
import { packetHash, sha256 } from "../history/packet-hash.ts";
import type { Evidence, KeptKey, Life } from "./evidence.ts";
import { readStranded, readUnsent } from "./read-tickets.ts";
import { readWatched } from "./watch.ts";

export interface Places {
  /** Past the ways. */
  database_url: string;
  /** Left out: the queues lie in Postgres. */
  redis_url?: string | undefined;
  /** Where the contents of artifacts lie; left out: nobody looks at them. */
  store_folder?: string | undefined;
}

export async function readEvidence({ database_url, redis_url, store_folder }: Places): Promise<Evidence> {
  const db = openDatabase(database_url, { connections: 4 });
  try {
    await runsAreOver(db);
    const lives = await readLives(db);
    return {
      lives,
      runs: await db.run<RunRow>({ name: "faults_runs", text: "select * from runs order by id" }, []),
      capacities: await readCapacities(db),
      keys: await readKeys(db),
      unsent: await readUnsent(db),
      stranded: await readStranded(
        db,
        redis_url ? { kind: "redis", url: redis_url } : { kind: "postgres", url: database_url },
      ),
      watched: await readWatched(db),
      damaged: store_folder === undefined ? null : await readDamaged(lives, store_folder),
    };
  } finally {
    await db.close();
  }
}

const OPEN = { name: "faults_open_runs", text: "select 1 from runs where state in ('active', 'paused') limit 1" };
/** A run ends a moment after its last task, by whoever ended that or by the director. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 100;

/** One that is still open after this does not end. */
async function runsAreOver(db: Database): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(AGAIN_MS)) {
    if ((await db.run(OPEN, [])).length === 0) return;
  }
}

const PAGE = 100;
const TASKS = { name: "faults_tasks", text: `select * from tasks where id > $1 order by id limit ${PAGE}` };
const NIL = "00000000-0000-0000-0000-000000000000";

const READ_TRIES = 5;

/** On a machine that is busy with other things a look may take longer than a query may. */
async function untilRead<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await read();
    } catch (error) {
      if (tries === READ_TRIES || !isAway(error)) throw error;
    }
  }
}

/** Page by page, and of packets only their hashes: they may be large. */
async function readLives(db: Database): Promise<Life[]> {
  const lives: Life[] = [];
  for (let after = NIL; ; ) {
    const rows = await untilRead(() => db.run<TaskRow>(TASKS, [after]));
    for (const row of rows) lives.push(await untilRead(() => readLife(db, row)));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return lives;
    after = last.id;
  }
}

async function readLife(db: Database, task: TaskRow): Promise<Life> {
  const stored = await readLedger(db, task.id);
  if (stored === null) throw new Error(`task ${task.id} is gone`);
  const attempts: AttemptRow[] = await attemptsInOrder(db, task.id);
  const { head, events, packets, findings, artifacts } = stored;
  const entries = events.map((event, i): LedgerEntry => {
    const { workspace_id: _, task_id: __, at, hash, ...fields } = event;
    const prev_hash = events[i - 1]?.hash.toString("hex") ?? "";
    return { ...fields, at: at.toISOString(), prev_hash, hash: hash.toString("hex") };
  });
  const ledger: Ledger = { task_id: task.id, head: head.toString("hex"), entries, packets, findings, artifacts };
  const verified = verifyLedger(ledger, sha256);
  return {
    ...{ task, events, attempts },
    packets: packets.map((packet) => ({ id: packet.id, hash: packetHash(packet), ...commitIn(packet.output_metrics) })),
    findings: findings.map(({ title, packet_id }) => ({ title, packet_id })),
    artifacts: artifacts.map(({ id, lease_id, name, checksum }) => ({ id, lease_id, name, checksum })),
    ledger: verified.ok ? null : `entry ${verified.seq ?? "?"}: ${verified.problem}`,
  };
}

function commitIn(metrics: unknown): { commit?: string } {
  if (typeof metrics !== "object" || metrics === null || !("commit" in metrics)) return {};
  return typeof metrics.commit === "string" ? { commit: metrics.commit } : {};
}

const LIMITED = { name: "faults_limited", text: "select id, capacity from projects where capacity is not null" };

async function readCapacities(db: Database): Promise<Evidence["capacities"]> {
  const rows = await db.run<{ id: string; capacity: Record<string, number> }>(LIMITED, []);
  return new Map(rows.map(({ id, capacity }) => [id, capacity]));
}

const KEYS = {
  name: "faults_keys",
  text: "select route, key, case when route = 'createRun' then body::jsonb -> 'run' ->> 'id' end as run_id from idempotency_keys",
};

async function readKeys(db: Database): Promise<KeptKey[]> {
  return db.run<KeptKey & Record<string, unknown>>(KEYS, []);
}

async function readDamaged(lives: readonly Life[], folder: string): Promise<string[]> {
  const store = await openStore({ folder });
  const damaged: string[] = [];
  for (const checksum of new Set(lives.flatMap(({ artifacts }) => artifacts.map((artifact) => artifact.checksum)))) {
    const seen = await store.verify(checksum);
    if (!seen.ok) damaged.push(`${checksum} is ${seen.damage}`);
  }
  await store.close();
  return damaged;
}
