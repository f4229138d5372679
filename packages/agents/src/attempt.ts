/** One attempt under way: everything its steps share, and the running of programs in its worktree. Decides nothing about the task. */
import { writeFile } from "node:fs/promises";
import { type Assignment, type LogLine, proceed, type Step, type Surroundings } from "./assignment.ts";
import { type CommandEnd, runCommand } from "./command.ts";
import { lendDependencies } from "./dependencies.ts";
import { programEnvironment } from "./environment.ts";
import { endProgramsOf, isOurs, writeMarker } from "./marker.ts";
import { type Places, placesOf } from "./places.ts";
import { openRepository, type Repository } from "./repository.ts";
import { startCommit } from "./revisions.ts";
import { closeWorktree, prepareWorktree, type Worktree } from "./worktree.ts";

export interface Attempt {
  assignment: Assignment;
  surroundings: Surroundings;
  places: Places;
  repository: Repository;
  worktree: Worktree;
  /** The commit that the work starts from. */
  start: string;
  /** What programs of this attempt find in their environment. */
  env: Record<string, string>;
}

export async function openAttempt(assignment: Assignment, surroundings: Surroundings): Promise<Step<Attempt>> {
  const places = placesOf(assignment, surroundings.data_dir);
  const repository = await openRepository(assignment, surroundings);
  if (!repository.ok) return repository;
  const start = await startCommit(repository.value, assignment);
  if (!start.ok) return start;
  try {
    return await settleIn(repository.value, start.value, places, assignment, surroundings);
  } catch (error) {
    await closeWorktree(repository.value, places, assignment, surroundings);
    throw error;
  }
}

async function settleIn(
  repository: Repository,
  start: string,
  places: Places,
  assignment: Assignment,
  surroundings: Surroundings,
): Promise<Step<Attempt>> {
  const worktree = await prepareWorktree(repository, start, places, assignment, surroundings);
  if (!worktree.ok) return worktree;
  if (await lendDependencies(places.worktree, repository.checkout))
    note(surroundings, "node_modules is lent from your checkout for the time of the attempt");
  await writeFile(places.packet, packetFor(assignment));
  if (surroundings.messages) await writeFile(places.messages, "");
  const env = environmentOf(assignment, places, surroundings);
  return proceed({ assignment, surroundings, places, repository, worktree: worktree.value, start, env });
}

export async function closeAttempt({ repository, places, assignment, surroundings }: Attempt): Promise<void> {
  await closeWorktree(repository, places, assignment, surroundings);
}

/** False when a later attempt works in the worktree by now. */
export function stillOurs({ places, assignment }: Attempt): Promise<boolean> {
  return isOurs(places.marker, assignment);
}

export interface Program {
  run: string;
  timeout_s: number;
  input?: string;
  onLine?: (line: LogLine) => void;
  /** Told the lines of standard output uncut. */
  onWholeLine?: (line: string) => void;
}

export async function runProgram(
  attempt: Attempt,
  { run, timeout_s, input = "", onLine, onWholeLine }: Program,
): Promise<CommandEnd> {
  const { surroundings, worktree, env, places, assignment } = attempt;
  const log = (line: LogLine) => {
    onLine?.(line);
    surroundings.log(line);
  };
  const onGroup = async (group: number) => {
    surroundings.onGroup?.(group);
    if (await stillOurs(attempt)) await writeMarker(places.marker, assignment, group);
  };
  const end = await runCommand({
    run,
    cwd: worktree.path,
    env,
    input,
    timeout_s,
    signal: surroundings.signal,
    log,
    onGroup,
    ...(onWholeLine && { onWholeLine }),
  });
  // Cut short, a program had no time to end what it started in other groups.
  if (end.how === "stopped" || end.how === "timed_out") await endProgramsOf(places.out);
  return end;
}

export function note({ log }: Surroundings, text: string): void {
  log({ stream: "baton", text });
}

/** The newest packet with the findings to fix inside, or the word null. */
function packetFor({ packet, findings }: Assignment): string {
  return JSON.stringify(packet === null ? null : { ...packet, findings }, null, 2);
}

function environmentOf(
  { lease, model }: Assignment,
  places: Places,
  surroundings: Surroundings,
): Record<string, string> {
  const { env, messages } = surroundings;
  return programEnvironment(env, {
    BATON_TASK_ID: lease.task_id,
    BATON_STAGE: lease.stage,
    BATON_VISIT: String(lease.visit),
    BATON_PACKET: places.packet,
    BATON_OUT: places.out,
    ...(model !== undefined && { BATON_MODEL: model }),
    ...(messages && { BATON_MESSAGES: places.messages }),
  });
}
