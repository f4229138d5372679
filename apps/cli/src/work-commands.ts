/** The two commands for agents on the command line: what they take, and what they are handed. */
import { STAGES } from "@baton/domain";
import { type Command, Option } from "commander";
import { complaining } from "./complaint.ts";
import { connect } from "./connect.ts";
import type { DoneOptions } from "./done.ts";
import { readWorkplace } from "./env.ts";

/** What works is loaded when it is asked for: it costs every other command a third of a second. */
export function addWorkCommands(baton: Command): void {
  addWork(baton);
  baton
    .command("done")
    .description("say that the task you work on is done, or why not")
    .option("--pass <summary>", "it is done: what you did")
    .option("--fail <reason>", "it does not hold, or could not be done: why")
    .option("--lease-id <id>", "tell the server, as the holder of this lease")
    .option("--epoch <number>", "of that lease")
    .action((options: DoneOptions) =>
      complaining(async () => {
        const { done } = await import("./done.ts");
        return done(options, readWorkplace(), process.cwd(), () => connect());
      }),
    );
}

const several = (one: string, before: string[] = []) => [...before, one];

function addWork(baton: Command): void {
  baton
    .command("work")
    .description("work tasks of a stage with a command: baton work --stage qa -- claude -p --output-format json")
    .summary("work tasks of a stage with a command of yours")
    .argument("[command...]", "after --: gets the prompt on stdin, or in a file where it says {prompt_file}")
    // The parser comes last: what is no stage is refused with the other mistakes, all at once.
    .addOption(new Option("--stage <stage>", "may be given several times").choices(STAGES).argParser(several))
    .option("--agent <id>", "who works; who did dev may not do qa or sec of the same task")
    .option("--kind <kind>", "claude, codex, goose or another name for the command")
    .option("--model <name>", "what it thinks with")
    .option("--credential <name>", "what it pays with: without quota there, it is offered nothing")
    .option("--check <command>", "run after the command; a failure rejects; may be given several times", several)
    .option("--once", "one task")
    .option("--max <number>", "that many tasks")
    .option("--until-empty", "until there is no task")
    .option("--timeout <seconds>", "for the command (default: 3600)")
    .option("--lease <seconds>", "how long a silent holder keeps its task (default: 120)")
    .option("--wait <seconds>", "for a task, at each time of asking (default: 25)")
    .option("--grace <seconds>", "to come to an end when the run is paused (default: 60)")
    .option("--workdir <folder>", "where worktrees and clones lie (default: BATON_DATA_DIR, else .baton)")
    .option("--json", "one line of JSON for each event")
    .action((words: string[], raw: unknown) =>
      complaining(async () => {
        const { startWork } = await import("./work/start.ts");
        return startWork(words, raw);
      }),
    );
}
