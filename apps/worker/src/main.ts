/** A hosted worker: serves the tickets of one stage (STAGE) until it is told to stop. */
import { artifactPlace, openLineAt, tellable } from "@baton/pipeline";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import { readSettings } from "./env.ts";
import { runStage } from "./run-stage.ts";

const settings = readSettings();
const log = pino({ level: settings.LOG_LEVEL, base: { program: `worker-${settings.STAGE}`, pid: process.pid } });

const opened = await openLineAt({
  database_url: settings.DATABASE_URL,
  redis_url: settings.REDIS_URL,
  artifacts: artifactPlace(settings),
  connections: 4,
  onError: (err) => log.warn(tellable(err), "something failed that will be tried again"),
}).catch((error: Error) => {
  log.fatal(tellable(error), error.message);
  process.exit(error.name === "QueueUnfit" || error.name === "StoreUnfit" ? 78 : 1);
});
const running = runStage(settings.STAGE, opened, settings, log);

closeWithGrace({ delay: 12_000, logger: false }, async ({ err }) => {
  if (err) log.fatal(tellable(err), "crashed");
  await running.stop();
  await opened.close();
});
// The supervisor is gone: so are we.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
if (process.connected === false) process.kill(process.pid, "SIGTERM");
log.info("ready");
process.send?.({ type: "ready" }, () => {});
