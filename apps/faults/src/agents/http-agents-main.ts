/** Pulling agents over HTTP, several in one process, each with an agent's id of its own. Ends at SIGTERM: what they hold is given back. */
import { join } from "node:path";
import { openHistory } from "../history/write.ts";
import { openDesk } from "./desk.ts";
import { readHttpSettings } from "./env.ts";
import { runAgent } from "./http-agent.ts";

/** How long giving back may take. */
const GRACE_MS = 3_000;

const settings = readHttpSettings();
const { FAULTS_NAME: name, BATON_API_URLS: urls, BATON_TOKEN: token, FAULTS_SEED: seed } = settings;
const history = openHistory(join(settings.FAULTS_HISTORY, `${name}.jsonl`), name);
const [stopping, closing] = [new AbortController(), new AbortController()];

const agents = Array.from({ length: settings.FAULTS_AGENTS }, (_, i) => {
  const desk = openDesk({ urls, token, history, first: i, closing: closing.signal });
  const options = { id: `${name}-${i + 1}`, stages: settings.FAULTS_STAGES, lease_s: settings.FAULTS_LEASE_S, seed };
  return runAgent(desk, options, stopping.signal);
});

async function leave(): Promise<void> {
  stopping.abort();
  // A claim that waits may bring something until its answer is there: it is not cut off at once.
  setTimeout(() => closing.abort(), GRACE_MS);
  await Promise.allSettled(agents);
  process.exit(0);
}

process.once("SIGTERM", () => void leave());
process.on("disconnect", () => process.exit(0));
if (process.connected === false) process.exit(0);
process.send?.({ type: "ready" }, () => {});
