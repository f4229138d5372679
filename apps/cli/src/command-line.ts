/** The manners of the command line as a whole: help that fits a screen, and mistakes that end with one line and the exit code for them. */
import { Command, type CommanderError } from "commander";
import { EXIT } from "./exit-codes.ts";
import { plain } from "./plain.ts";

export function openCommandLine(): Command {
  return new Command("baton")
    .description("The hand-over line for AI agents: dev, qa, sec, docs, complete.")
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({
      outputError: (text, write) => write(`baton: ${mistake(text)}\n`),
      // A terminal's own width when there is one, never wider than what is read well.
      getOutHelpWidth: () => Math.min(process.stdout.columns ?? 80, 100),
    })
    .exitOverride(leave);
}

function mistake(text: string): string {
  const said = plain(text.replace(/^error: /, ""))
    .trim()
    .replace(/[^.?!)]$/, "$&.");
  return `${said} Next: see "baton --help", or --help after the command.`;
}

/** Help that was asked for is no mistake. */
function leave({ exitCode }: CommanderError): never {
  process.exit(exitCode === 0 ? EXIT.ok : EXIT.usage);
}
