/** A small git repository for tests, and a project on it whose dev agent is a shell command. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answered, type StartedLine } from "./started-line.ts";

export function gitRepository(folder: string): string {
  const path = join(folder, "repository");
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "a.txt"), "a\n");
  git(path, "init", "--quiet", "--initial-branch=main");
  git(path, "add", "--all");
  git(path, "-c", "user.name=T", "-c", "user.email=t@localhost", "commit", "--quiet", "--message", "first");
  return path;
}

export function git(path: string, ...args: string[]): string {
  return execFileSync("git", ["-C", path, ...args], { encoding: "utf8" }).trim();
}

interface ProjectInput {
  repository_url: string;
  dev: string;
  test_command?: string;
}

/** Gives the ids of the run and its one task. */
export async function sendTask(line: StartedLine, { repository_url, dev, test_command }: ProjectInput) {
  const settings = { commands: { dev: { run: dev, timeout_s: 120 } }, test_command: test_command ?? "true" };
  const { project } = await answered(
    line.client.call("createProject", { body: { name: "p", repository_url, settings } }),
  );
  const body = { project_id: project.id, name: "r", tasks: [{ title: "a task" }] };
  const { run, tasks } = await answered(line.client.call("createRun", { body }));
  return { run_id: run.id, task_id: tasks[0]?.id ?? "" };
}
