/** `baton run …`: sending tasks down the line together, looking at runs, and stopping them. */
import { RUN_STATES, type RunState } from "@baton/domain";
import type { RunView } from "@baton/domain/api";
import { type Command, Option } from "commander";
import { answered } from "../complaint.ts";
import { projectId, runId } from "../ids.ts";
import { plain } from "../plain.ts";
import { tasksOf } from "../tasks-of-run.ts";
import { runLines, runTable } from "../views/run.ts";
import { atDesk, type Desk, type JsonOption, several, wholeNumber, withJson } from "./desk.ts";
import { createRun, type NewRunOptions } from "./new-run.ts";

const WHICH = "the run: its id, or the beginning of it";

export function addRunCommands(baton: Command): void {
  const run = baton
    .command("run")
    .description("send tasks down the line together; look at runs and stop them")
    .helpCommand(false);
  addCreate(run);
  addList(run);
  addShow(run);
  addChange(run, "pause", "give out no more of its tasks", "pauseRun");
  addChange(run, "resume", "give out its tasks again", "resumeRun");
  addKill(run);
  addChange(run, "approve", "approve what waits at ready_for_commit", "approveRun");
}

function addCreate(run: Command): void {
  withJson(run.command("create"))
    .description("send tasks down the line")
    .requiredOption("--project <project>", "its name or id")
    .option("--name <name>", "of the run (default: the title of the first task)")
    .option("--task <title>", "a task; may be given several times", several)
    .option("--file <file>", 'tasks as JSON, [{"title": "…", …}]; - for standard input')
    .option("--feature <id>", "the feature that it belongs to")
    .addOption(new Option("--approval <approval>", "in place of the project's setting").choices(["none", "required"]))
    .option("--priority <0-10>", "of tasks that name none, higher first (default: 5)", wholeNumber(0, 10))
    .option("--key <key>", "the same key again makes no second run")
    .action((options: NewRunOptions & JsonOption) => atDesk(options, (desk) => createRun(desk, options)));
}

interface ListOptions extends JsonOption {
  project?: string;
  state?: RunState;
  limit: number;
  cursor?: string;
}

function addList(run: Command): void {
  withJson(run.command("list"))
    .description("runs, newest first")
    .option("--project <project>", "only those of one project")
    .addOption(new Option("--state <state>", "only those in one state").choices(RUN_STATES))
    .option("--limit <number>", "how many", wholeNumber(1, 200), 20)
    .option("--cursor <id>", "go on after this one")
    .action((options: ListOptions) => atDesk(options, (desk) => list(desk, options)));
}

async function list({ client, out }: Desk, { project, state, limit, cursor }: ListOptions): Promise<undefined> {
  const project_id = project === undefined ? undefined : await projectId(client, project);
  const page = answered(await client.call("listRuns", { query: { project_id, state, limit, cursor } }));
  out.give(page, () => [
    ...(page.items.length === 0 ? ["There are no runs."] : runTable(page.items, out)),
    ...(page.next_cursor === null ? [] : [out.style("dim", `more: --cursor ${page.next_cursor}`)]),
  ]);
  return undefined;
}

function addShow(run: Command): void {
  withJson(run.command("show"))
    .description("how far it is, what it cost, and its tasks")
    .argument("<run>", WHICH)
    .action((given: string, options: JsonOption) =>
      atDesk(options, async ({ client, out }) => {
        const id = await runId(client, given);
        const { run: found } = answered(await client.call("getRun", { params: { id } }));
        const progress = answered(await client.call("taskProgress", { params: { id } }));
        const tasks = (await tasksOf(client, id)).toReversed();
        out.give({ run: found, progress, tasks }, () => runLines(found, progress, tasks, out));
        return undefined;
      }),
    );
}

function addChange(run: Command, verb: string, what: string, call: "pauseRun" | "resumeRun" | "approveRun"): void {
  withJson(run.command(verb))
    .description(what)
    .argument("<run>", WHICH)
    .action((given: string, options: JsonOption) =>
      atDesk(options, async ({ client, out }) => {
        const id = await runId(client, given);
        const changed = answered(await client.call(call, { params: { id } }));
        out.give(changed, () => [isNow(changed.run)]);
        return undefined;
      }),
    );
}

function addKill(run: Command): void {
  withJson(run.command("kill"))
    .description("stop it for good: its open tasks are cancelled")
    .argument("<run>", WHICH)
    .option("--reason <text>", "why")
    .action((given: string, options: JsonOption & { reason?: string }) =>
      atDesk(options, async ({ client, out }) => {
        const id = await runId(client, given);
        const body = options.reason === undefined ? {} : { reason: options.reason };
        const killed = answered(await client.call("killRun", { params: { id }, body }));
        out.give(killed, () => [`${isNow(killed.run)} ${killed.cancelled_tasks} task(s) cancelled.`]);
        return undefined;
      }),
    );
}

function isNow(run: RunView): string {
  return `Run “${plain(run.name)}” is ${run.state}.`;
}
