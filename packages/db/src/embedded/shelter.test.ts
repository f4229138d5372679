/** Root's folders, which the account that runs Postgres may not enter: where the database goes, and when it is given up. */
import { chmod, cp, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { copyInto, findInstallation, tryOut } from "./binaries.ts";
import { withClient } from "./connect.ts";
import { isAlive } from "./process.ts";
import { chooseRunner } from "./runner.ts";
import { type EmbeddedServer, startEmbedded } from "./server.ts";

const is_root = process.getuid?.() === 0;

async function start(data_dir: string, shelter: string): Promise<EmbeddedServer> {
  const server = await startEmbedded(data_dir, { shelters: [shelter], settings: { fsync: "off" } });
  onTestFinished(server.stop);
  return server;
}

/** Unfinished ones too. */
async function homesIn(shelter: string): Promise<string[]> {
  return (await readdir(shelter)).filter((name) => !name.startsWith("postgres-"));
}

test.runIf(is_root)("the database of a closed folder lives in the shelter and is found again", async () => {
  const [closed, shelter] = [await temporaryFolder(0o700), await temporaryFolder(0o755)];
  const first = await start(join(closed, ".baton"), shelter);
  await withClient(first.url, (client) => client.query("create table kept ()"));
  await first.stop();
  const second = await start(join(closed, ".baton"), shelter);
  const found = await withClient(second.url, (client) => client.query("select from kept"));
  expect(found.rowCount).toBe(0);
  expect(await homesIn(shelter)).toHaveLength(1);
});

test.runIf(is_root)("a folder that everybody may enter needs no shelter", async () => {
  const [open, shelter] = [await temporaryFolder(0o755), await temporaryFolder(0o755)];
  await start(open, shelter);
  expect(await homesIn(shelter)).toEqual([]);
  expect((await stat(join(open, "postgres", "data"))).uid).not.toBe(0);
});

test.runIf(is_root)(
  "deleting the data folder ends its database at once, and removes it when nobody came for it",
  async () => {
    const [closed, shelter] = [await temporaryFolder(0o700), await temporaryFolder(0o755)];
    const abandoned = await start(join(closed, "old"), shelter);
    const [old_home = ""] = await homesIn(shelter);
    await rm(join(closed, "old"), { recursive: true });
    const other = await start(join(closed, "new"), shelter);
    expect(await isAlive(abandoned.pid)).toBe(false);
    expect(await homesIn(shelter)).toContain(old_home);
    const a_month_ago = new Date(Date.now() - 31 * 24 * 3_600_000);
    await utimes(join(shelter, old_home, "data", "global", "pg_control"), a_month_ago, a_month_ago);
    await other.stop();
    await start(join(closed, "new"), shelter);
    expect(await homesIn(shelter)).toHaveLength(1);
    expect(await homesIn(shelter)).not.toContain(old_home);
  },
);

test.runIf(is_root)("a data folder that was away while others were started still has its database", async () => {
  const [closed, shelter] = [await temporaryFolder(0o700), await temporaryFolder(0o755)];
  const first = await start(join(closed, "old"), shelter);
  await withClient(first.url, (client) => client.query("create table kept ()"));
  await first.stop();
  await rename(join(closed, "old"), join(closed, "moved"));
  await (await start(join(closed, "new"), shelter)).stop();
  const second = await start(join(closed, "moved"), shelter);
  const found = await withClient(second.url, (client) => client.query("select from kept"));
  expect(found.rowCount).toBe(0);
});

test.runIf(is_root)("the databases of other data folders are left alone", async () => {
  const [closed, shelter] = [await temporaryFolder(0o700), await temporaryFolder(0o755)];
  const one = await start(join(closed, "one"), shelter);
  await start(join(closed, "two"), shelter);
  expect(await isAlive(one.pid)).toBe(true);
  expect(await homesIn(shelter)).toHaveLength(2);
});

test.runIf(is_root)("a moved data folder keeps its database", async () => {
  const [closed, shelter] = [await temporaryFolder(0o700), await temporaryFolder(0o755)];
  const first = await start(join(closed, "old"), shelter);
  await withClient(first.url, (client) => client.query("create table kept ()"));
  await first.stop();
  await rename(join(closed, "old"), join(closed, "new"));
  const second = await start(join(closed, "new"), shelter);
  await withClient(second.url, (client) => client.query("select from kept"));
  expect(await homesIn(shelter)).toHaveLength(1);
});

test.runIf(is_root)("a copied data folder is refused rather than given the original's database", async () => {
  const [closed, shelter] = [await temporaryFolder(0o700), await temporaryFolder(0o755)];
  await start(join(closed, "original"), shelter);
  await cp(join(closed, "original"), join(closed, "copy"), { recursive: true });
  await expect(start(join(closed, "copy"), shelter)).rejects.toThrow(/is a copy of/);
});

test.runIf(is_root)("a lost shelter is said, not replaced by an empty database", async () => {
  const [closed, shelter] = [await temporaryFolder(0o700), await temporaryFolder(0o755)];
  await (await start(join(closed, ".baton"), shelter)).stop();
  await rm(shelter, { recursive: true });
  await expect(start(join(closed, ".baton"), shelter)).rejects.toThrow(/which is gone/);
});

test.runIf(is_root)("a shelter that others may write to is not trusted", async () => {
  const [closed, shelter] = [await temporaryFolder(0o700), await temporaryFolder(0o755)];
  await chmod(shelter, 0o777);
  await expect(start(join(closed, ".baton"), shelter)).rejects.toThrow(/choose another BATON_DATA_DIR/);
});

test.runIf(is_root)("programs in a closed folder are copied to where the account can run them", async () => {
  const [closed, shelter] = [await temporaryFolder(0o700), await temporaryFolder(0o755)];
  const runner = await chooseRunner(null);
  const ours = await findInstallation();
  await mkdir(join(closed, "package"));
  const closed_in = await copyInto(join(closed, "package"), ours);
  const hidden = { ...ours, ...closed_in, root: join(closed, "package", `postgres-${ours.version}`) };
  expect(await tryOut(hidden, runner)).toMatchObject({ ok: false });
  expect(await tryOut(await copyInto(shelter, hidden), runner)).toEqual({ ok: true, major: "18" });
});
