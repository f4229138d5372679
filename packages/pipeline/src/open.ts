/** Opens everything a process of the line needs, and closes it again in the right order. */
import { openDatabase } from "@baton/db";
import { type Backend, openProducer, prepareQueue } from "@baton/queue";
import { openStore, type StoreOptions } from "@baton/store";
import { type OpenLine, openLine } from "./line.ts";

export interface LineSettings {
  database_url: string;
  /** Unset: the queues lie in Postgres. */
  redis_url: string | undefined;
  /** Where the bytes of artifacts and proofs lie: the same place for every process of the line. */
  artifacts: StoreOptions;
  /** Connections to Postgres at most. */
  connections?: number;
  onError: (error: unknown) => void;
}

export interface OpenedLine {
  line: OpenLine;
  backend: Backend;
  /** What follows earlier commits is finished first. Never hangs on a back end that is away. */
  close(): Promise<void>;
}

export function backendOf({ database_url, redis_url }: Pick<LineSettings, "database_url" | "redis_url">): Backend {
  return redis_url === undefined ? { kind: "postgres", url: database_url } : { kind: "redis", url: redis_url };
}

/** Throws `QueueUnfit` when the queue back end must not be used as it is, `StoreUnfit` when the store's URL cannot be. */
export async function openLineAt(settings: LineSettings): Promise<OpenedLine> {
  const { database_url: url, onError } = settings;
  const backend = backendOf(settings);
  const store = await openStore(settings.artifacts);
  await prepareQueue(backend);
  const db = openDatabase(url, { connections: settings.connections ?? 8, onError });
  const producer = openProducer(backend, { onError });
  const line = openLine({ db, store, producer, onError });
  return {
    line,
    backend,
    close: async () => {
      await line.settle();
      await producer.close();
      await db.close();
      await store.close();
    },
  };
}

/** The settings of a program that say where the bytes lie. */
export interface ArtifactSettings {
  BATON_DATA_DIR: string;
  ARTIFACT_STORE_URL?: string | undefined;
  AWS_ACCESS_KEY_ID?: string | undefined;
  AWS_SECRET_ACCESS_KEY?: string | undefined;
  AWS_SESSION_TOKEN?: string | undefined;
}

/** Without a URL a folder of the data folder. Without keys the AWS SDK looks for some where it always does. */
export function artifactPlace(settings: ArtifactSettings): StoreOptions {
  const { ARTIFACT_STORE_URL: url, AWS_ACCESS_KEY_ID: access_key_id } = settings;
  const { AWS_SECRET_ACCESS_KEY: secret_access_key, AWS_SESSION_TOKEN: session_token } = settings;
  const both = access_key_id !== undefined && secret_access_key !== undefined;
  return {
    folder: `${settings.BATON_DATA_DIR}/artifacts`,
    url,
    ...(both && { credentials: { access_key_id, secret_access_key, session_token } }),
  };
}
