/** A waker's side of Postgres: listens to the channel on which BullMQ's statements name the queue that has new jobs. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Ears, Waking } from "../waking.ts";

const AGAIN_MS = 500;

export const postgresWaking: Waking = (url, { hear, missed, report }) => {
  const closed = new AbortController();
  const ears: Ears = {
    ...{ hear, missed },
    report: (error) => {
      if (!closed.signal.aborted) report(error);
    },
  };
  let client = clientFor(url, ears);
  const keepListening = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      await listenUntilCut(client, ears).catch(ears.report);
      // A server that refuses to be listened to, as a standby does, keeps the connection open.
      hangUp(client);
      await sleep(AGAIN_MS, undefined, { signal: closed.signal }).catch(() => {});
      if (!closed.signal.aborted) client = clientFor(url, ears);
    }
  };
  const listening = keepListening();
  return {
    close: async () => {
      closed.abort();
      hangUp(client);
      await listening;
    },
  };
};

/**
 * Says no goodbye: a server that hangs would not answer it, and a client that says it while it connects never tells that its
 * connection came to nothing.
 */
function hangUp(client: pg.Client): void {
  client.connection.stream.destroy();
}

function clientFor(url: string, { hear, report }: Ears): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 2_000,
    // Else the silent death of a connection would go unnoticed for hours.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "baton-waker",
  });
  client.on("error", report);
  client.on("notification", ({ payload }) => hear(payload ?? ""));
  return client;
}

async function listenUntilCut(client: pg.Client, { missed }: Ears): Promise<void> {
  const cut = new Promise<void>((resolve) => client.once("end", () => resolve()));
  await client.connect();
  await client.query("listen bullmq_jobs");
  missed();
  await cut;
}
