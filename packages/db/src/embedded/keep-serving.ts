/**
 * The life of a program around one embedded server: start it, tell the parent, end with it, and end it when told to or
 * when the parent is gone. What is started and what is left behind, the program says.
 */
import { EXIT_BAD_SETTINGS } from "./env.ts";
import { Refusal } from "./refusal.ts";
import type { EmbeddedServer } from "./server.ts";

const EXIT_FAILED = 1;

export type Task = {
  start(): Promise<EmbeddedServer>;
  /** What the parent is told. */
  url(server: EmbeddedServer): string;
  /** Called once, with the server when there is one. */
  end(server: EmbeddedServer | undefined): Promise<void>;
};

export async function keepServing(task: Task): Promise<void> {
  let server: EmbeddedServer | undefined;
  // The parent may have gone while the modules were loading.
  let told_to_end = process.connected === false;
  // During the start it is only noted: a server that is half up cannot be ended cleanly.
  const end = () => {
    const first_time = !told_to_end;
    told_to_end = true;
    if (first_time && server !== undefined) void leave(task, server, 0);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
  process.on("disconnect", end);

  try {
    server = await task.start();
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return leave(task, undefined, error instanceof Refusal ? EXIT_BAD_SETTINGS : EXIT_FAILED);
  }
  if (told_to_end) return leave(task, server, 0);
  announce(task.url(server));
  await server.gone;
  if (told_to_end) return;
  complain("Postgres ended unasked.");
  await leave(task, server, EXIT_FAILED);
}

async function leave(task: Task, server: EmbeddedServer | undefined, exit_code: number): Promise<void> {
  await task.end(server);
  process.exit(exit_code);
}

function announce(url: string): void {
  const message = { type: "ready", url };
  // With a callback, a parent that has gone by now is no exception: the disconnect says the same.
  if (process.send) process.send(message, undefined, undefined, () => undefined);
  else process.stdout.write(`${JSON.stringify(message)}\n`);
}

function complain(message: string): void {
  process.stderr.write(`${message}\n`);
}
