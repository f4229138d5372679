/** The tools of agents on standard input and output. It lives as long as the client that started it and keeps nothing. */
import { toolServer } from "@baton/tools";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { settingsOrExit } from "./env.ts";

/** A server that is restarting is waited for; a tool has to answer within 25 s. */
const PATIENCE_MS = 15_000;

const settings = settingsOrExit();
const onError = (error: unknown) => console.error(error instanceof Error ? error.message : error);
/** A lease that was given out as we ended must be given back before we are gone. */
const unfinished = new Set<Promise<unknown>>();
const lasting = (work: Promise<unknown>) => {
  unfinished.add(work);
  void work.finally(() => unfinished.delete(work));
};
const connection = serveStdio(() => toolServer({ ...settings, patience_ms: PATIENCE_MS, onError, lasting }), {
  onerror: onError,
});

// When the client closes our standard input, the connection ends by itself and what is still waited for with it.
async function end(): Promise<void> {
  await connection.close().catch(onError);
  await Promise.allSettled(unfinished);
  process.exit(0);
}
process.once("SIGTERM", () => void end()).once("SIGINT", () => void end());
