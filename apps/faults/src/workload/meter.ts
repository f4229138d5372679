/** Looks into the database past everything that is broken: how many results have been accepted and how many tasks are open. Answers nothing while the database is away. */
import { type Database, openDatabase } from "@baton/db";

interface Standing {
  /** Tasks that have not ended. */
  open: number;
  ended: number;
  /** Handoffs and rejections that were accepted. */
  accepted: number;
}

/** Leases that are over. */
interface Expired {
  /** For how long the oldest has been over without being taken back, in seconds; 0 when there is none. */
  oldest_s: number;
  /** Taken back so far. */
  rescued: number;
}

export interface Meter {
  /** Of the run, or of all. Null while the database does not answer. */
  read(run_id?: string): Promise<Standing | null>;
  expired(): Promise<Expired | null>;
  close(): Promise<void>;
}

const STANDING = {
  name: "faults_standing",
  text: `select
    (select count(*) from tasks where finished_at is null and ($1::uuid is null or run_id = $1)) as open,
    (select count(*) from tasks where finished_at is not null and ($1::uuid is null or run_id = $1)) as ended,
    (select count(*) from events where type in ('passed', 'rejected')
      and ($1::uuid is null or task_id in (select id from tasks where run_id = $1))) as accepted`,
};

const EXPIRED = {
  name: "faults_expired",
  text: `select
    (select coalesce(max(extract(epoch from now() - lease_expires_at)), 0)::float8 from tasks
      where state = 'running' and lease_expires_at < now()) as oldest_s,
    (select count(*) from events where type = 'expired') as rescued`,
};

export function openMeter(database_url: string): Meter {
  const db: Database = openDatabase(database_url, { connections: 2, onError: () => {} });
  return {
    read: async (run_id) => {
      const rows = await db.run<Standing & Record<string, unknown>>(STANDING, [run_id ?? null]).catch(() => []);
      return rows[0] ?? null;
    },
    expired: async () => {
      const rows = await db.run<Expired & Record<string, unknown>>(EXPIRED, []).catch(() => []);
      return rows[0] ?? null;
    },
    close: () => db.close(),
  };
}
