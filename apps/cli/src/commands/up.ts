/** `baton up`: what it takes, and what it is handed. */
import type { Command } from "commander";
import { EXIT_BAD_SETTINGS, readSettings } from "../env.ts";
import { programsOf } from "../program.ts";
import { showSample } from "../show-sample.ts";
import { createTerminal } from "../terminal.ts";
import { up } from "../up.ts";
import { wholeNumber } from "./desk.ts";

export function addUpCommand(baton: Command): void {
  baton
    .command("up")
    .description("start the whole line on this machine, and stop it with Ctrl-C")
    .option("--port <number>", "where the API listens (default: PORT, else 3000)", wholeNumber(0, 65_535))
    .option("--no-sample", "do not submit the sample run to an empty database")
    .action(async (options: { port?: number; sample: boolean }) => {
      const settings = readSettings({ port: options.port });
      if (settings === null) {
        process.exitCode = EXIT_BAD_SETTINGS;
        return;
      }
      const terminal = createTerminal(process.stdout);
      const then = options.sample ? showSample(settings, terminal) : async () => {};
      process.exitCode = await up(settings, programsOf(settings), terminal, then);
    });
}
