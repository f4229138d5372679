/** The director: the always-on loops that make good what a crash, a lost ticket or a silent agent leaves behind. Any number may run. */
import { artifactPlace, openLineAt, tellable, upkeepOf } from "@baton/pipeline";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import { readSettings } from "./env.ts";
import { startLoop } from "./loop.ts";

const settings = readSettings();
const log = pino({ level: settings.LOG_LEVEL, base: { program: "director", pid: process.pid } });

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

const loops = upkeepOf(opened.line).map((upkeep) =>
  startLoop(upkeep, {
    did: (name, count) => log.info({ name, count }, "upkeep"),
    failed: (name, err) => log.warn({ name, ...tellable(err) }, "upkeep failed, will be tried again"),
  }),
);

closeWithGrace({ delay: 10_000, logger: false }, async ({ err }) => {
  if (err) log.fatal(tellable(err), "crashed");
  await Promise.all(loops.map((loop) => loop.stop()));
  await opened.close();
});
// The supervisor is gone: so are we.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
if (process.connected === false) process.kill(process.pid, "SIGTERM");
log.info("ready");
process.send?.({ type: "ready" }, () => {});
