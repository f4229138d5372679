/** What `baton work` begins with: its options, its place, its client and how it is stopped. */
import { sweep } from "@baton/agents";
import { connect } from "../connect.ts";
import { readWorkplace } from "../env.ts";
import { EXIT } from "../exit-codes.ts";
import { listenForStop } from "../stop-request.ts";
import { createTerminal } from "../terminal.ts";
import { sayAsJson, sayInWords } from "./events.ts";
import { workOptions } from "./options.ts";
import { withPatience } from "./patience.ts";
import { withBaton } from "./shim.ts";
import { stopBy } from "./stop.ts";
import { work } from "./work.ts";

/** We have a patience of our own, that says when it is needed. */
const PATIENCE_MS = 5_000;

export async function startWork(words: readonly string[], raw: unknown): Promise<number> {
  const options = workOptions(raw, words);
  const place = readWorkplace();
  const data_dir = options.workdir ?? place.data_dir;
  const client = await connect(PATIENCE_MS);
  const say = options.json
    ? sayAsJson((line) => process.stdout.write(line))
    : sayInWords(createTerminal(process.stdout));
  // Whoever reads our words may leave before we end; that is no reason to leave a lease behind.
  process.stdout.on("error", () => undefined);
  const stop = stopBy(listenForStop(false), () => process.exit(EXIT.interrupted));
  const env = await withBaton(place.environment, data_dir);
  const patience = withPatience(say);
  // What earlier ones left that were killed. Our own work does not wait for it, and does without it.
  void sweep({ data_dir, onTrouble: () => undefined }).catch(() => undefined);
  return work({ client, options, say, patience, data_dir, env, stop: stop.signal, onGroup: stop.onGroup });
}
