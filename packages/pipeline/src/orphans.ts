/**
 * Collects contents that nobody refers to: left by a crash between the file and its row, by a lost lease, by an upload
 * that was refused at the end.
 *
 * Why nothing that is wanted is ever removed: whoever wants a content writes its row in `blobs` before anything that
 * refers to it, and looks afterwards, in the same transaction, whether the file is there. The collector removes the file
 * only while it holds that very row: deleted, not yet committed, or put in the place of one that is not there. So one of
 * the two waits for the other. If the collector was first, the other finds the file gone and keeps it again from its
 * temporary file; if it was second, it finds a row that is used or referred to and leaves the file alone. Ages decide
 * only what is worth a look. Should the collector die between file and commit, a row without a file is left that nobody
 * refers to: the next one who puts the content mends it, and the next collector takes it away.
 */
import { type Db, deleteOrphan, knownBlobs, orphanedBlobs, standInForBlob } from "@baton/db";
import type { OpenLine } from "./line.ts";

const AGE_MS = 24 * 3_600_000;
const PAGE = 200;

/** One pass; gives how many files were removed. Two directors may do this at once. */
export async function collectOrphans(line: OpenLine): Promise<number> {
  const unused = await collectUnused(line);
  const unknown = await collectUnknown(line);
  return unused + unknown + (await line.store.tidy(AGE_MS));
}

/** Rows that nobody refers to. */
async function collectUnused({ db, store }: OpenLine): Promise<number> {
  let removed = 0;
  for (let after = ""; ; ) {
    const page = await orphanedBlobs(db, AGE_MS, after, PAGE);
    for (const checksum of page) {
      const gone = await db.transaction(async (tx) => {
        if (!(await deleteOrphan(tx, checksum, AGE_MS))) return false;
        await store.remove(checksum);
        return true;
      });
      if (gone) removed += 1;
    }
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined) return removed;
    after = last;
  }
}

/** Files without a row. */
async function collectUnknown(line: OpenLine): Promise<number> {
  let removed = 0;
  let page: string[] = [];
  for await (const { checksum, age_ms } of line.store.list()) {
    if (age_ms < AGE_MS) continue;
    page.push(checksum);
    if (page.length < PAGE) continue;
    removed += await removeUnknown(line, page);
    page = [];
  }
  return removed + (await removeUnknown(line, page));
}

async function removeUnknown({ db, store }: OpenLine, checksums: readonly string[]): Promise<number> {
  if (checksums.length === 0) return 0;
  const known = await knownBlobs(db, checksums);
  let removed = 0;
  for (const checksum of checksums.filter((one) => !known.has(one))) {
    const gone = await withoutTrace(db, async (tx) => {
      if (!(await standInForBlob(tx, checksum))) return false;
      await store.remove(checksum);
      return true;
    });
    if (gone) removed += 1;
  }
  return removed;
}

/** Runs `work` in a transaction that is always rolled back. */
async function withoutTrace<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  const done: T[] = [];
  const back = new Error("rolled back on purpose");
  await db
    .transaction(async (tx) => {
      done.push(await work(tx));
      throw back;
    })
    .catch((error: unknown) => {
      if (error !== back) throw error;
    });
  const [value] = done.slice(-1);
  if (value === undefined) throw back;
  return value;
}
