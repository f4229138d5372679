/** `baton run create`: what is on the command line and in a file of tasks becomes one call. What is in a task, the server checks. */
import type { CreateRun, ROUTES } from "@baton/domain/api";
import type { z } from "zod";
import { answered, Complaint } from "../complaint.ts";
import { EXIT } from "../exit-codes.ts";
import { featureId, projectId } from "../ids.ts";
import { cut, plain } from "../plain.ts";
import type { Desk } from "./desk.ts";
import { readGivenJson } from "./given-file.ts";

export interface NewRunOptions {
  project: string;
  name?: string;
  task?: string[];
  file?: string;
  feature?: string;
  approval?: CreateRun["options"]["approval"];
  priority?: number;
  key?: string;
}

type Body = z.input<(typeof ROUTES.createRun)["body"]>;
type Task = NonNullable<Body["tasks"]>[number];

export async function createRun({ client, out }: Desk, options: NewRunOptions): Promise<undefined> {
  const { priority, feature, approval, key } = options;
  const listed = options.file === undefined ? [] : tasksIn(await readGivenJson(options.file), options.file);
  const given = [...listed, ...(options.task ?? []).map((title) => ({ title }))];
  const [first] = given;
  if (first === undefined) throw new Complaint("nothing to do: give --task <title> or --file <file>", EXIT.usage);
  const tasks = given.map((task) => (priority === undefined ? task : { priority, ...task }));
  const body: Body = {
    project_id: await projectId(client, options.project),
    ...(feature !== undefined && { feature_id: await featureId(client, feature) }),
    name: options.name ?? cut(plain(String(first.title)), 200),
    tasks,
    ...(approval !== undefined && { options: { approval } }),
  };
  const sent = await client.call("createRun", { body, ...(key !== undefined && { idempotency_key: key }) });
  const made = answered(sent);
  out.give(made, () => [
    `Run ${made.run.id} “${plain(made.run.name)}” is on the line, with ${made.tasks.length} task(s).`,
    out.style("dim", `baton watch ${made.run.id}`),
  ]);
  return undefined;
}

/** A list, or an object with the list as `tasks`; a task may be its title alone. */
function tasksIn(value: unknown, file: string): Task[] {
  const list: unknown = typeof value === "object" && value !== null && "tasks" in value ? value.tasks : value;
  if (!Array.isArray(list) || list.length === 0) {
    throw new Complaint(`${file} holds no tasks: give [{"title": "…"}], or {"tasks": […]}`, EXIT.data);
  }
  return list.map((task: unknown, at) => {
    if (typeof task === "string") return { title: task };
    // What a task has to hold the server says, with the place.
    if (typeof task !== "object" || task === null) throw new Complaint(`${file}: /${at} is not a task`, EXIT.data);
    return task as Task;
  });
}
