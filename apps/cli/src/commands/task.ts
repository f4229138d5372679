/** `baton task …`: looking at one task, and an operator's steps. */
import type { EventView, TaskView } from "@baton/domain/api";
import { Argument, type Command } from "commander";
import { answered } from "../complaint.ts";
import { taskId } from "../ids.ts";
import { everyPage } from "../pages.ts";
import { plain } from "../plain.ts";
import { explainLines, taskLines, timelineLines } from "../views/task.ts";
import { atDesk, type JsonOption, withJson } from "./desk.ts";

const WHICH = "the task: its id, or the beginning of it";

export function addTaskCommands(baton: Command): void {
  const task = baton.command("task").description("look at a task, and move it by hand").helpCommand(false);
  addShow(task);
  addExplain(task);
  addTimeline(task);
  addAdvance(task);
  addCancel(task);
  addReopen(task);
}

function addShow(task: Command): void {
  withJson(task.command("show"))
    .description("what it is, where it stands and how often it was tried")
    .argument("<task>", WHICH)
    .action((given: string, options: JsonOption) =>
      atDesk(options, async ({ client, out }) => {
        const id = await taskId(client, given);
        const found = answered(await client.call("getTask", { params: { id } }));
        out.give(found, () => taskLines(found.task, out));
        return undefined;
      }),
    );
}

function addExplain(task: Command): void {
  withJson(task.command("explain"))
    .description("why it is or is not moving")
    .argument("<task>", WHICH)
    .action((given: string, options: JsonOption) =>
      atDesk(options, async ({ client, out }) => {
        const id = await taskId(client, given);
        const why = answered(await client.call("explain", { params: { id } }));
        out.give(why, () => explainLines(why, out));
        return undefined;
      }),
    );
}

function addTimeline(task: Command): void {
  withJson(task.command("timeline"))
    .description("all that happened to it, in order")
    .argument("<task>", WHICH)
    .action((given: string, options: JsonOption) =>
      atDesk(options, async ({ client, out }) => {
        const params = { id: await taskId(client, given) };
        const items = await everyPage<EventView>((query) => client.call("timeline", { params, query }));
        out.give({ items, next_cursor: null }, () => timelineLines(items, out));
        return undefined;
      }),
    );
}

function addAdvance(task: Command): void {
  withJson(task.command("advance"))
    .description("move it on, or back to dev, without a lease")
    .argument("<task>", WHICH)
    .addArgument(new Argument("<result>", "pass: to the next stage; fail: back to dev").choices(["pass", "fail"]))
    .option("--notes <text>", "for the next one")
    .action((given: string, result: "pass" | "fail", options: JsonOption & { notes?: string }) =>
      atDesk(options, async ({ client, out }) => {
        const id = await taskId(client, given);
        const body = { result, ...(options.notes !== undefined && { notes: options.notes }) };
        const moved = answered(await client.call("advanceStage", { params: { id }, body }));
        out.give(moved, () => [isNow(moved.task)]);
        return undefined;
      }),
    );
}

function addCancel(task: Command): void {
  withJson(task.command("cancel"))
    .description("take it off the line")
    .argument("<task>", WHICH)
    .option("--reason <text>", "why")
    .action((given: string, options: JsonOption & { reason?: string }) =>
      atDesk(options, async ({ client, out }) => {
        const id = await taskId(client, given);
        const body = options.reason === undefined ? {} : { reason: options.reason };
        const moved = answered(await client.call("cancelTask", { params: { id }, body }));
        out.give(moved, () => [isNow(moved.task)]);
        return undefined;
      }),
    );
}

function addReopen(task: Command): void {
  withJson(task.command("reopen"))
    .description("bring it back after it failed or was cancelled")
    .argument("<task>", WHICH)
    .action((given: string, options: JsonOption) =>
      atDesk(options, async ({ client, out }) => {
        const id = await taskId(client, given);
        const moved = answered(await client.call("reopenTask", { params: { id } }));
        out.give(moved, () => [isNow(moved.task)]);
        return undefined;
      }),
    );
}

function isNow(task: TaskView): string {
  return `Task “${plain(task.title)}” is ${task.state} at ${task.stage}, visit ${task.visit}.`;
}
