/** A hosted worker that has lost its lease without knowing: what it commits in the end is on no branch, and nothing it says counts. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freshDatabase } from "@baton/db/testing";
import { CreateProject, CreateRun } from "@baton/domain/api";
import {
  authenticate,
  createProject,
  createRun,
  ensureAdminToken,
  killRun,
  openLineAt,
  pauseRun,
  rescueTasks,
  timeline,
} from "@baton/pipeline";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { runStage } from "./run-stage.ts";

const SHELL_PATH = execFileSync("/bin/sh", ["-c", 'printf %s "$PATH"'], { encoding: "utf8" });
const PATH = `${dirname(process.execPath)}:${SHELL_PATH}`;

function openFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "baton-worker-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return folder;
}

function git(repository: string, ...args: string[]): string {
  const who = ["-c", "user.name=A Person", "-c", "user.email=person@example.com"];
  const env = { PATH, HOME: repository, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [...who, ...args], { cwd: repository, env, encoding: "utf8" }).trim();
}

/** A worker whose agent changes a file and then waits until it may go on. */
async function working() {
  const folder = openFolder();
  const [begun, go] = [join(folder, "begun"), join(folder, "go")];
  const repository = join(folder, "project");
  git(folder, "init", "--quiet", "--initial-branch=main", repository);
  git(repository, "commit", "--quiet", "--allow-empty", "--message", "Begin");
  const command = `echo new > new.txt; touch ${begun}; until test -e ${go}; do sleep 0.05; done`;
  const { opened, line, who, url } = await openLine(folder);
  const settings = { commands: { dev: { run: command, timeout_s: 60 } } };
  const project = await createProject(
    line,
    who,
    CreateProject.parse({ name: "project", repository_url: repository, settings }),
  );
  if (!project.ok) throw new Error(project.problem.detail);
  const words: string[] = [];
  const log = pino({ level: "info" }, { write: (text: string) => void words.push(JSON.parse(text).word) });
  const running = runStage("dev", opened, settingsFor(join(folder, "data"), url), log);
  onTestFinished(() => running.stop());
  const asked = { project_id: project.value.project.id, name: "run", tasks: [{ title: "late" }] };
  const made = await createRun(line, who, CreateRun.parse(asked));
  if (!made.ok) throw new Error(made.problem.detail);
  const { run, tasks } = made.value;
  await expect.poll(() => existsSync(begun), { timeout: 20_000 }).toBe(true);
  const letGo = () => writeFileSync(go, "");
  return { line, who, repository, run_id: run.id, task_id: tasks[0]?.id ?? "", words, letGo };
}

async function openLine(folder: string) {
  const { url, drop } = await freshDatabase();
  const artifacts = { folder: join(folder, "artifacts") };
  const opened = await openLineAt({ database_url: url, redis_url: undefined, artifacts, onError: () => {} });
  onTestFinished(async () => {
    await opened.close();
    await drop();
  });
  await ensureAdminToken(opened.line, "token");
  const who = await authenticate(opened.line, "token");
  if (who === null) throw new Error("the admin is not known");
  return { opened, line: opened.line, who, url };
}

type Working = Awaited<ReturnType<typeof working>>;

/** So long a lease that no heartbeat tells the worker of its loss. */
function settingsFor(data_dir: string, DATABASE_URL: string) {
  return {
    ...{ STAGE: "dev" as const, DATABASE_URL, BATON_DATA_DIR: data_dir, BATON_ARTIFACT_MAX_MB: 1 },
    ...{ BATON_CONCURRENCY: 1, BATON_LEASE_S: 1_800, LOG_LEVEL: "info" as const, environment: { PATH } },
  };
}

const LOSSES = {
  "was taken back": async ({ line, who, run_id: id }: Working) => {
    await pauseRun(line, who, { id });
    const over = "update tasks set lease_expires_at = now() where state = 'running'";
    await line.db.run({ name: "lease_over", text: over }, []);
    await rescueTasks(line);
  },
  "went with its run": ({ line, who, run_id: id }: Working) => killRun(line, who, { id }),
};

test.each(Object.entries(LOSSES))(
  "A.3: the final commit of a worker whose lease %s moves no branch",
  async (_, lose) => {
    const began = await working();
    const { line, who, repository, task_id, words, letGo } = began;
    await lose(began);
    const events = async () => {
      const told = await timeline(line, who, { id: task_id, limit: 50 });
      return told.ok ? told.value.items.map(({ type }) => type) : [];
    };
    const before = await events();
    letGo();
    await expect.poll(() => words.filter(Boolean), { timeout: 20_000 }).toEqual(["lease_lost"]);
    expect(git(repository, "for-each-ref", "--format=%(refname)", "refs/heads")).toBe("refs/heads/main");
    expect(await events()).toEqual(before);
  },
);
