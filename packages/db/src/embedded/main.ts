/** The program that keeps the embedded Postgres of a data folder running for as long as its parent lives. */
import { readEnv } from "./env.ts";
import { keepServing } from "./keep-serving.ts";
import { startEmbedded } from "./server.ts";

const { BATON_DATA_DIR } = readEnv();

await keepServing({
  start: () => startEmbedded(BATON_DATA_DIR),
  url: (server) => server.url,
  end: async (server) => server?.stop(),
});
