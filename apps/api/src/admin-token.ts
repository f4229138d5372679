/** The first admin token: set from outside, or made at the first start and kept in a file that only its owner can read. */
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ensureAdminToken, type Line } from "@baton/pipeline";

export interface AdminToken {
  /** Only when it was made just now. */
  made: string | null;
  /** Where it is kept; null when it was set from outside. */
  file: string | null;
}

/** The message says what to do about it. */
class DataFolderUnfit extends Error {
  override name = "DataFolderUnfit";
}

/** Throws `DataFolderUnfit` when a token that had to be made could not be kept: then there is none. */
export async function provideAdminToken(line: Line, wanted: string | null, data_dir: string): Promise<AdminToken> {
  if (wanted !== null) {
    await ensureAdminToken(line, wanted);
    return { made: null, file: null };
  }
  const file = join(data_dir, "admin-token");
  const { token } = await ensureAdminToken(line, null, (made) =>
    keep(file, data_dir, made).catch((error: unknown) => {
      throw unfit(data_dir, error);
    }),
  );
  const there = token !== null || (await readFile(file).catch(() => null)) !== null;
  return { made: token, file: there ? file : null };
}

/** Never there half written, and never readable by others, not even for a moment. */
async function keep(file: string, data_dir: string, token: string): Promise<void> {
  await mkdir(data_dir, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${token}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
}

function unfit(data_dir: string, error: unknown): DataFolderUnfit {
  const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
  const advice = "Set BATON_DATA_DIR to a folder that can be, or BATON_ADMIN_TOKEN to a token of your own.";
  const why = `The data folder ${resolve(data_dir)} cannot be written${code}, so no admin token was made.`;
  return new DataFolderUnfit(`${why} ${advice}`, { cause: error });
}
