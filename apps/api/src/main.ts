/** The API program: opens what it needs, listens, tells whoever started it, and ends in order. */
import { artifactPlace, openLineAt, tellable, waitingRoomOf } from "@baton/pipeline";
import { openWaker } from "@baton/queue";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import { provideAdminToken } from "./admin-token.ts";
import { buildApp } from "./app.ts";
import { openDrain } from "./drain.ts";
import { settingsOrExit } from "./env.ts";
import { lastWords } from "./give-up.ts";
import { drainServer, httpServer, listen } from "./server.ts";
import { UPLOADS } from "./upload.ts";

const settings = settingsOrExit();
const log = pino({ level: settings.LOG_LEVEL, base: { program: "api", pid: process.pid } });
const onError = (error: unknown) => log.warn(tellable(error), "something behind the line does not answer");

/** Longer than any request takes, shorter than supervisors wait. */
const GRACE_MS = 10_000;

const opened = await openLineAt({
  database_url: settings.DATABASE_URL,
  redis_url: settings.REDIS_URL,
  artifacts: artifactPlace(settings),
  onError,
}).catch(giveUp);
const { line, backend } = opened;
const room = waitingRoomOf(line);
const waker = openWaker(backend, { onTicket: (stage) => room.ticketAdded(stage), onError });
const drain = openDrain();
const { BATON_BOARD_WRITE: board_write, BATON_HOSTS: hosts, AUTO_TRIGGER_AGENTS: auto_trigger } = settings;
const uploads = { ...UPLOADS, limit_bytes: settings.BATON_ARTIFACT_MAX_MB * 1024 * 1024 };
const parts = { line, room, backend: backend.kind, log, drain, board_write, hosts, uploads, auto_trigger };
const server = httpServer(buildApp(parts));

const closing = closeWithGrace({ delay: GRACE_MS, logger: false }, async ({ err }) => {
  if (err) {
    // Nothing is certain any more: the supervisor starts a fresh process.
    log.fatal(tellable(err), "uncaught");
    process.exit(1);
  }
  await drainServer(server, drain);
  await waker.close();
  await opened.close();
});
// Whoever started it is gone: so is the reason to run.
process.once("disconnect", () => {
  if (!drain.draining) closing.close();
});

const admin = await provideAdminToken(line, settings.BATON_ADMIN_TOKEN ?? null, settings.BATON_DATA_DIR).catch(giveUp);
const url = await listen(server, settings.PORT, settings.HOST).catch(giveUp);
log.info({ url, backend: backend.kind }, "listening");
tellParent();

function tellParent(): void {
  const { made, file } = admin;
  const kept = file === null ? {} : { admin_token_file: file };
  if (process.send) {
    process.send({ type: "ready", url, ...(made !== null && { admin_token: made }), ...kept });
  } else if (made !== null) {
    console.log(`Admin token, shown this once and kept in ${file}: ${made}`);
  }
}

function giveUp(error: unknown): never {
  const { words, exit_code } = lastWords(error, settings);
  console.error(words);
  process.exit(exit_code);
}
