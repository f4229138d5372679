/**
 * The program behind a Postgres that a test may kill and start again: the embedded one, as durable as a user's, in the folder
 * BATON_DATA_DIR, which it leaves behind. Its one argument is a JSON object of Postgres settings that differ from ours.
 */
import { z } from "zod";
import { readEnv } from "../embedded/env.ts";
import { keepServing } from "../embedded/keep-serving.ts";
import { startEmbedded } from "../embedded/server.ts";

const { BATON_DATA_DIR } = readEnv();
const settings = z.record(z.string(), z.string()).parse(JSON.parse(process.argv[2] ?? "{}"));

await keepServing({
  start: () => startEmbedded(BATON_DATA_DIR, { settings }),
  url: (server) => server.url,
  end: async (server) => server?.stop(),
});
