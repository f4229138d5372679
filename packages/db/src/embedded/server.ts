/**
 * The embedded Postgres of a data folder, from "nothing there" to "accepts queries" and to its end. Tells the order
 * and leaves each step to its own file.
 */
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { ensureDatabase, MAINTENANCE_DATABASE, serverUrl } from "./connect.ts";
import { stopPostmaster } from "./postmaster.ts";
import { serve } from "./serving.ts";
import { SHELTERS } from "./shelter.ts";
import { prepareSite } from "./site.ts";

export type EmbeddedOptions = {
  /** Postgres settings that differ from ours. */
  settings?: Record<string, string>;
  /** Where the database goes when root asks and the account that runs Postgres may not enter the data folder. */
  shelters?: readonly string[];
};

export type EmbeddedServer = {
  /** The application's database. */
  url: string;
  /** The superuser's way in, for making and dropping databases. */
  maintenance_url: string;
  pid: number;
  /** Settles when the server has ended, whoever ended it. */
  gone: Promise<void>;
  stop: () => Promise<void>;
  /** Stops it and deletes the data folder with everything that belongs to it. */
  discard: () => Promise<void>;
};

const DATABASE = "baton";

export async function startEmbedded(data_dir: string, options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const site = await prepareSite(data_dir, options.shelters ?? SHELTERS);
  const { pid, port, gone } = await serve(site, options.settings ?? {});
  const maintenance_url = serverUrl(port, site.password, MAINTENANCE_DATABASE);
  const stop = () => stopPostmaster(pid);
  await ensureDatabase(maintenance_url, DATABASE).catch(async (error: unknown) => {
    await stop();
    throw error;
  });

  const discard = async () => {
    await stop();
    await rm(site.home, { recursive: true, force: true });
    await rm(resolve(data_dir), { recursive: true, force: true });
  };
  return { url: serverUrl(port, site.password, DATABASE), maintenance_url, pid, gone, stop, discard };
}
