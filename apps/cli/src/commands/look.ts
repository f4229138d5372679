/** `baton queue` and `baton status`: what is ready, and whether all is well. */
import { STAGES, type Stage } from "@baton/domain";
import type { StatusView, TaskView } from "@baton/domain/api";
import { type Command, Option } from "commander";
import { answered } from "../complaint.ts";
import { EXIT } from "../exit-codes.ts";
import { runId } from "../ids.ts";
import type { Out } from "../out.ts";
import { age, span } from "../views/words.ts";
import { atDesk, type Desk, type JsonOption, wholeNumber, withJson } from "./desk.ts";

interface QueueOptions extends JsonOption {
  stage?: Stage;
  run?: string;
  limit: number;
}

export function addLookCommands(baton: Command): void {
  withJson(baton.command("queue"))
    .description("ready tasks, in the order in which they would be claimed")
    .addOption(new Option("--stage <stage>", "only one stage").choices(STAGES))
    .option("--run <run>", "only one run")
    .option("--limit <number>", "how many", wholeNumber(1, 200), 20)
    .action((options: QueueOptions) =>
      atDesk(options, async ({ client, out }) => {
        const { stage, limit } = options;
        const run_id = options.run === undefined ? undefined : await runId(client, options.run);
        const ready = answered(await client.call("readyTasks", { query: { stage, run_id, limit } }));
        out.give(ready, () => (ready.items.length === 0 ? ["Nothing is ready."] : queueTable(ready.items, out)));
        return undefined;
      }),
    );
  withJson(baton.command("status"))
    .description("version, back ends and how full each stage is; exit code 1 when one is away")
    .summary("version, back ends and how full each stage is")
    .action((options: JsonOption) => atDesk(options, async (desk) => tellStatus(desk), STATUS_PATIENCE_MS));
}

/** How it is now is asked, not how it will be. */
const STATUS_PATIENCE_MS = 2_000;

async function tellStatus({ client, out }: Desk): Promise<number> {
  const called = await client.call("status");
  // The token itself is in the database: without it there is no answer, and that is one.
  if (!called.ok && called.problem.code === "unavailable") {
    out.give({ database: { ok: false } }, () => [`${databaseLine(false, out)}: it does not answer`]);
    return EXIT.failed;
  }
  const status = answered(called);
  out.give(status, () => statusLines(status, out));
  return status.database?.ok === false || status.queue?.ok === false ? EXIT.failed : EXIT.ok;
}

function queueTable(tasks: readonly TaskView[], out: Out): string[] {
  const rows = tasks.map((task) => [task.id, task.stage, String(task.priority), age(task.due_at), task.title]);
  return out.table(["TASK", "STAGE", "PRIORITY", "READY FOR", "TITLE"], rows);
}

const word = (ok: boolean, { style }: Out) => (ok ? style("green", "ok") : style("red", "away"));
const databaseLine = (ok: boolean, out: Out) => `database ${word(ok, out)}`;

function statusLines({ version, database, queue, stages }: StatusView, out: Out): string[] {
  const { style, table } = out;
  const rows = Object.entries(stages ?? {}).map(([stage, { ready, running, waiting_tickets, oldest_ready_s }]) => [
    ...[stage, String(ready), String(running), waiting_tickets === null ? "?" : String(waiting_tickets)],
    oldest_ready_s === null ? "" : span(oldest_ready_s * 1_000),
  ]);
  return [
    style("bold", `Baton ${version}`),
    ...(database === undefined
      ? ["The token is not known: only the version is told."]
      : [databaseLine(database.ok, out)]),
    ...(queue === undefined ? [] : [`queue    ${word(queue.ok, out)} (${queue.backend})`]),
    ...(rows.length === 0 ? [] : ["", ...table(["STAGE", "READY", "RUNNING", "TICKETS", "OLDEST"], rows)]),
  ];
}
