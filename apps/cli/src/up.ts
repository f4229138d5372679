/**
 * `baton up`: brings the line up in its order, says where it is to be found, and takes it down again. Each program is
 * a process of its own; how one is kept alive is `supervisor.ts`.
 */
import { join } from "node:path";
import type { End, Ready } from "./child.ts";
import type { Settings } from "./env.ts";
import { claimFolder } from "./pid-file.ts";
import { whyNotListen } from "./port.ts";
import type { Program, Programs } from "./program.ts";
import { listenForStop, type StopRequest } from "./stop-request.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";
import type { Terminal } from "./terminal.ts";
import { welcome } from "./welcome.ts";

const EXIT_REFUSED = 1;
const EXIT_FORCED = 130;

/** What is done with a line that is up. The signal fires when it is to come down again. */
export type WhenUp = (api: Ready, signal: AbortSignal) => Promise<void>;

/** Gives the exit code. */
export async function up(settings: Settings, programs: Programs, terminal: Terminal, then: WhenUp): Promise<number> {
  const stop = listenForStop(settings.started_by_npm);
  const claim = claimFolder(settings.data_dir);
  if (!claim.taken) {
    terminal.complain(claim.why);
    return EXIT_REFUSED;
  }
  try {
    const port_trouble = await whyNotListen(settings.host, settings.port);
    if (port_trouble === null) return await runLine(settings, programs, terminal, stop, then);
    terminal.complain(port_trouble);
    return EXIT_REFUSED;
  } finally {
    claim.release();
  }
}

async function runLine(
  settings: Settings,
  programs: Programs,
  terminal: Terminal,
  stop: StopRequest,
  then: WhenUp,
): Promise<number> {
  const ending = new AbortController();
  const supervisor = createSupervisor(join(settings.data_dir, "logs"), tellOn(terminal));
  stop.onInsisted(() => {
    supervisor.kill();
    process.exit(EXIT_FORCED);
  });
  const over = Promise.race([stop.made.then(() => null), supervisor.failed]);
  const api = bringUp(settings, programs, supervisor, terminal);
  const started = api.then((ready) => {
    welcome(ready, settings, terminal);
    then(ready, ending.signal).catch((error: Error) => {
      if (!ending.signal.aborted) terminal.complain(error.message);
    });
  });
  await Promise.race([started, over]);

  const failure = await over;
  ending.abort();
  terminal.abandonStep();
  if (failure !== null) terminal.complain(failure.message, failure.last_words);
  await terminal.step("stopping", supervisor.stop());
  return failure?.exit_code ?? 0;
}

/** Gives the API's word that it is ready. */
async function bringUp(
  settings: Settings,
  programs: Programs,
  supervisor: Supervisor,
  terminal: Terminal,
): Promise<Ready> {
  const url = settings.database_url ?? (await embeddedUrl(programs.postgres, supervisor, terminal));
  await terminal.step("migrating the database", supervisor.run(programs.migrate(url)));
  const line = programs.line(url);
  const names = line.map((program) => program.name).join(", ");
  const [api] = await terminal.step(`starting ${names}`, supervisor.keep(line));
  if (api === undefined) throw new Error("The line has no programs.");
  return api;
}

async function embeddedUrl(postgres: Program, supervisor: Supervisor, terminal: Terminal): Promise<string> {
  const [ready] = await terminal.step("starting Postgres", supervisor.keep([postgres]));
  if (ready?.url === undefined) throw new Error("Postgres is ready and does not say where.");
  return ready.url;
}

function tellOn(terminal: Terminal): Parameters<typeof createSupervisor>[1] {
  /** The programs that are away, with what they said when they died. */
  const away = new Map<string, string>();
  return {
    died: (program, end, again_in_ms) => {
      const words = end.last_words.join("\n");
      const is_new = away.get(program.name) !== words;
      away.set(program.name, words);
      const again = `starting it again in ${(again_in_ms / 1000).toFixed(1)} s`;
      terminal.complain(`${program.name} died (${causeOf(end)}), ${again}`, is_new ? end.last_words : []);
    },
    ready: (program) => {
      if (away.delete(program.name)) terminal.line(`${program.name} is back`);
    },
  };
}

function causeOf(end: End): string {
  if (end.signal !== null) return end.signal;
  return end.code === null ? "it could not be started" : `exit code ${end.code}`;
}
