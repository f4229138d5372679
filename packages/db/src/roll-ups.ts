/** What the line sums up of runs for their features: which runs to look at, what their tasks left, and what has been written already. */
import type { Figures, OutputArtifact, OutputDecision, RunState, Stage, SummedPacket } from "@baton/domain";
import { PLACES, type Place } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, asc, gt, inArray, sql } from "./drizzle.ts";
import { feature_rollups, handoff_packets, runs } from "./schema/index.ts";
import { statement } from "./statements.ts";

/** Some runs of features, and where the next page goes on: null when this was the last. */
interface RunPage {
  ids: string[];
  next: string | null;
}

/** Looks at `limit` active runs after the id `after`, however many of them belong to a feature. */
export async function activeFeatureRuns(db: Db, after: string | null, limit: number): Promise<RunPage> {
  // The state stands in the text: as a value it would not match the index of active runs.
  const rows = await db.orm
    .select({ id: runs.id, open: sql<boolean>`${runs.feature_id} is not null` })
    .from(runs)
    .where(and(sql`${runs.state} = 'active'`, after === null ? undefined : gt(runs.id, after)))
    .orderBy(asc(runs.id))
    .limit(limit);
  return pageOf(rows, limit);
}

const LATEST_RUNS = statement("latest-runs");

/** The same for runs of any state that may have something left to be written, newest first, before the id `before`. */
export async function latestFeatureRuns(db: Db, before: string | null, limit: number): Promise<RunPage> {
  const rows = await db.run<{ id: string; open: boolean }>(LATEST_RUNS, [before, limit]);
  return pageOf(rows, limit);
}

function pageOf(rows: { id: string; open: boolean }[], limit: number): RunPage {
  const ids = rows.filter((row) => row.open).map((row) => row.id);
  return { ids, next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
}

/** A type, not an interface, so that it counts as a row of a statement. */
export type Standing = {
  id: string;
  workspace_id: string;
  feature_id: string;
  name: string;
  state: RunState;
  updated_at: Date;
  /** The first place at which a task still stands; null when that was not looked up or there is no task. */
  place: Place | null;
  /** Grows with each step of a task; null when the run takes none. */
  steps: number | null;
};

const STANDINGS = statement("standings");

export async function standingsOf(db: Db, run_ids: readonly string[]): Promise<Standing[]> {
  const rows = await db.run<Omit<Standing, "place"> & { first_place: number | null }>(STANDINGS, [run_ids, PLACES]);
  return rows.map(({ first_place, ...row }) => ({
    ...row,
    place: first_place === null ? null : (PLACES[first_place - 1] ?? null),
  }));
}

const REACHED = statement("reached");

/** How many packets of the stages there are to sum, 0 while a task stands at one of the places up to there. */
export async function packetsReached(db: Db, run_id: string, stages: readonly Stage[], until: readonly Place[]) {
  const [found] = await db.run<{ packets: number }>(REACHED, [run_id, stages, until]);
  return found?.packets ?? 0;
}

const SUMMED = statement("summed");

type SummedRow = Omit<SummedPacket, "started_at" | "completed_at" | "created_at"> & {
  started_at: Date | null;
  completed_at: Date | null;
  created_at: Date;
};

/** Oldest first. */
export async function packetsToSum(db: Db, run_id: string, stages: readonly Stage[]): Promise<SummedPacket[]> {
  const rows = await db.run<SummedRow>(SUMMED, [run_id, stages]);
  return rows.map((row) => ({
    ...row,
    started_at: row.started_at?.toISOString() ?? null,
    completed_at: row.completed_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  }));
}

/** What these packets put out, in the order of the ids. */
export async function outputsOf(db: Db, ids: readonly string[]) {
  const { id, output_artifacts, output_decisions } = handoff_packets;
  const rows = await db.orm
    .select({ id, output_artifacts, output_decisions })
    .from(handoff_packets)
    .where(inArray(id, [...ids]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((one) => {
    const row = byId.get(one);
    if (row === undefined) return [];
    return [
      {
        output_artifacts: row.output_artifacts as OutputArtifact[],
        output_decisions: row.output_decisions as OutputDecision[],
      },
    ];
  });
}

/** What has been written for a phase of a run: the newest mark, when, since when its packet counts, and all figures. */
export type ToldSoFar = Figures & { mark: number; at: Date; started_at: Date | null };

const TOLD = statement("told");

export async function toldOf(db: Db, run_id: string, phase: string): Promise<ToldSoFar | null> {
  const [found] = await db.run<ToldSoFar & Record<string, unknown>>(TOLD, [run_id, phase]);
  return found ?? null;
}

/** Must be written in the transaction of the packet. */
export async function insertRollUp(tx: Db, rolled: typeof feature_rollups.$inferInsert): Promise<void> {
  await tx.orm.insert(feature_rollups).values({ ...rolled, created_at: sql`clock_timestamp()` });
}
