/** The open line: the database, the one way to write a change, and what follows a commit (tickets sent, runs and dependents looked after). */
import {
  type Applied,
  apply,
  type Batch,
  type Change,
  claimTickets,
  contextsOf,
  type Database,
  type Db,
  openBatch,
  type TaskContext,
  type TaskRow,
  type TicketAnswer,
  type TicketClaim,
} from "@baton/db";
import type { Producer, Ticket } from "@baton/queue";
import type { ArtifactStore } from "@baton/store";
import { inBundles } from "./bundles.ts";
import { openFollower } from "./follow.ts";
import { openReminder, type Reminder } from "./reminder.ts";

export { inTransaction } from "./transaction.ts";

/** What a verb works with: the open line itself, or the same inside one transaction. */
export interface Line {
  db: Db;
  /** Where the bytes of artifacts and proofs lie. It takes no part in transactions. */
  store: ArtifactStore;
  /**
   * Writes a decided change; null when its guard said no and nothing was written. Tickets of changes that are written together
   * go as one where `shared_by` is the same (see `sharedBy`).
   */
  write(change: Change, shared_by?: string | null): Promise<Applied | null>;
  /** Says what was committed: tickets go out, and what hangs on a finished task is looked after. */
  announce(written: readonly Written[]): void;
  /** Takes tickets back that need no answer any more. */
  withdraw(tickets: readonly Ticket[]): void;
}

/** What `announce` needs to know of something that was written. */
export interface Written {
  row: TaskRow | null;
  ticket: Parameters<Reminder["remind"]>[0] | null;
}

export interface OpenLine extends Line {
  /** Claims that arrive together are made in one statement; so are contexts that are asked for once more. */
  claims: Batch<TicketClaim, TicketAnswer>;
  contexts: Batch<string, TaskContext | null>;
  producer: Producer;
  onError: (error: unknown) => void;
  /** Resolves when everything that follows earlier commits is done or given up. */
  settle(): Promise<void>;
}

export interface LineParts {
  db: Database;
  store: ArtifactStore;
  producer: Producer;
  /** Errors of work that nobody waits for; what they interrupted is made good by the director. */
  onError: (error: unknown) => void;
}

export function openLine({ db, store, producer, onError }: LineParts): OpenLine {
  const changes = openBatch<KeyedChange, Applied | null>((items) =>
    apply(
      db,
      inBundles(items, ({ shared_by }) => shared_by),
    ),
  );
  const reminder = openReminder({ db, producer, onError });
  const line: OpenLine = {
    db,
    store,
    producer,
    onError,
    claims: openBatch((items) => claimTickets(db, items)),
    contexts: openBatch(async (ids) => inOrder(ids, await contextsOf(db, ids))),
    write: (change, shared_by = null) => changes.add({ ...change, shared_by }),
    announce: (written) => {
      for (const { ticket } of written) if (ticket) reminder.remind(ticket);
      follower.follow(written.flatMap(({ row }) => (row?.finished_at ? [row] : [])));
    },
    withdraw: reminder.withdraw,
    settle: async () => {
      await follower.settle();
      await reminder.settle();
    },
  };
  const follower = openFollower(line);
  return line;
}

interface KeyedChange extends Change {
  shared_by: string | null;
}

function inOrder(ids: readonly string[], contexts: Map<string, TaskContext>): (TaskContext | null)[] {
  return ids.map((id) => contexts.get(id) ?? null);
}
