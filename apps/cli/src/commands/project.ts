/** `baton project …`: a repository and its settings. */
import { resolve } from "node:path";
import type { ProjectView, ROUTES } from "@baton/domain/api";
import type { Command } from "commander";
import type { z } from "zod";
import { answered, Complaint } from "../complaint.ts";
import { EXIT } from "../exit-codes.ts";
import { everyPage } from "../pages.ts";
import { plain } from "../plain.ts";
import { atDesk, type Desk, type JsonOption, withJson } from "./desk.ts";
import { readGivenJson } from "./given-file.ts";

interface CreateOptions extends JsonOption {
  repository?: string;
  branch?: string;
  test?: string;
  dev?: string;
  settings?: string;
}

type Body = z.input<(typeof ROUTES.createProject)["body"]>;

export function addProjectCommands(baton: Command): void {
  const project = baton.command("project").description("a repository and its settings").helpCommand(false);
  withJson(project.command("create"))
    .description("make a project")
    .argument("<name>", "what it is called")
    .option("--repository <place>", "a folder of this machine, or an https, ssh or file URL")
    .option("--branch <name>", "its primary branch (default: main)")
    .option("--test <command>", "how its tests run")
    .option("--dev <command>", "the agent that does dev")
    .option("--settings <file>", "all settings as JSON")
    .action((name: string, options: CreateOptions) => atDesk(options, (desk) => create(desk, name, options)));
  withJson(project.command("list"))
    .description("projects, newest first")
    .action((options: JsonOption) =>
      atDesk(options, async ({ client, out }) => {
        const items = await everyPage<ProjectView>((query) => client.call("listProjects", { query }));
        const rows = items.map((one) => [one.id, one.hosted_stages.join(" "), one.name, one.repository_url ?? ""]);
        out.give({ items, next_cursor: null }, () =>
          rows.length === 0 ? ["There are no projects."] : out.table(["ID", "HOSTED", "NAME", "REPOSITORY"], rows),
        );
        return undefined;
      }),
    );
}

async function create({ client, out }: Desk, name: string, options: CreateOptions): Promise<undefined> {
  const { repository, branch, test, dev } = options;
  const settings: Body["settings"] = options.settings === undefined ? {} : await settingsIn(options.settings);
  const body: Body = {
    name,
    ...(repository !== undefined && { repository_url: placeOf(repository) }),
    ...(branch !== undefined && { primary_branch: branch }),
    settings: {
      ...settings,
      ...(test !== undefined && { test_command: test }),
      ...(dev !== undefined && { commands: { ...settings.commands, dev: { run: dev } } }),
    },
  };
  const made = answered(await client.call("createProject", { body }));
  const { id, hosted_stages } = made.project;
  const hosted =
    hosted_stages.length === 0 ? "all stages are left to pulling agents" : `hosted: ${hosted_stages.join(", ")}`;
  out.give(made, () => [`Project ${id} “${plain(name)}” is made; ${hosted}.`]);
  return undefined;
}

/** A folder is meant from where we stand, not from where the server does. Whatever has a colon is no folder. */
function placeOf(repository: string): string {
  return repository.includes(":") ? repository : resolve(repository);
}

async function settingsIn(file: string): Promise<NonNullable<Body["settings"]>> {
  const settings = await readGivenJson(file);
  if (typeof settings === "object" && settings !== null && !Array.isArray(settings)) return settings;
  throw new Complaint(`${file} holds no settings: give {"test_command": "…", …}`, EXIT.data);
}
