/** Asks the npm registry for known weaknesses of the locked packages. Where nothing answers it says so; silence is never a pass. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Finding, normaliseFinding, type Severity } from "@baton/domain";
import { DESCRIPTION_MAX, storable, TITLE_MAX } from "@baton/formats";
import { execa } from "execa";
import { z } from "zod";
import type { Attempt } from "../attempt.ts";

export interface Audit {
  findings: Finding[];
  /** For the packet: counts, or why there are none. */
  metric: string | { known_before: number; new: number };
}

const LOCK = "package-lock.json";
const TIMEOUT_MS = 60_000;
const SEVERITY = { info: "info", low: "low", moderate: "medium", high: "high", critical: "critical" } as const;

const Advisory = z.looseObject({
  name: z.string(),
  title: z.string(),
  url: z.string().default(""),
  range: z.string().default(""),
  severity: z.enum(["info", "low", "moderate", "high", "critical"]),
});
type Advisory = z.infer<typeof Advisory>;
const Answer = z.looseObject({
  vulnerabilities: z.record(z.string(), z.looseObject({ via: z.array(z.union([z.string(), Advisory])) })),
});
const Refusal = z.looseObject({
  message: z.string().optional(),
  error: z.looseObject({ summary: z.string().optional() }).optional(),
});

type Advisories = { ok: true; list: Advisory[] } | { ok: false; why: string };

/** Null where the project has no lock file of npm. `base` is where the task left the primary branch. */
export async function auditDependencies(attempt: Attempt, base: string): Promise<Audit | null> {
  const now = await advisoriesAt(attempt, attempt.start, base);
  if (now === null) return null;
  if (!now.ok) return { findings: [], metric: `skipped: ${now.why}` };
  const before = await advisoriesAt(attempt, base, base);
  // What the primary branch already had: no task may be sent back for it.
  const old = new Set(before?.ok ? before.list.map(keyOf) : []);
  const findings = now.list.map((advisory) => findingOf(advisory, old.has(keyOf(advisory))));
  const known_before = now.list.filter((advisory) => old.has(keyOf(advisory))).length;
  return { findings, metric: { known_before, new: now.list.length - known_before } };
}

/** Asks about the packages that `commit` locks. Which registry is asked is settled at `base`: the task does not choose its judge. */
async function advisoriesAt(attempt: Attempt, commit: string, base: string): Promise<Advisories | null> {
  const { git } = attempt.repository;
  const read = (file: string, at: string) => git.ask(["cat-file", "blob", `${at}:${file}`]);
  const [lock, manifest, npmrc] = await Promise.all([
    read(LOCK, commit),
    read("package.json", commit),
    read(".npmrc", base),
  ]);
  if (lock === null || manifest === null) return null;
  const folder = join(attempt.places.scratch, `audit-${commit}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, LOCK), lock);
  await writeFile(join(folder, "package.json"), manifest);
  await writeFile(join(folder, ".npmrc"), npmrc ?? "");
  return advisoriesOf(attempt, folder);
}

async function advisoriesOf({ env, surroundings }: Attempt, folder: string): Promise<Advisories> {
  const { stdout, timedOut, code } = await execa("npm", ["audit", "--json", "--package-lock-only"], {
    cwd: folder,
    env,
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: TIMEOUT_MS,
    killDescendants: true,
    cancelSignal: surroundings.signal,
  });
  surroundings.signal.throwIfAborted();
  if (timedOut) return { ok: false, why: `the registry gave no answer within ${TIMEOUT_MS / 1_000} s` };
  return code === "ENOENT"
    ? { ok: false, why: "npm is not installed on the worker's machine" }
    : readAnswer(stdout ?? "");
}

function readAnswer(output: string): Advisories {
  try {
    const json: unknown = JSON.parse(output);
    const answer = Answer.safeParse(json);
    if (answer.success) return { ok: true, list: advisoriesIn(answer.data) };
    const refusal = Refusal.safeParse(json).data;
    return {
      ok: false,
      why: storable(refusal?.error?.summary || refusal?.message || "npm audit gave no result", TITLE_MAX),
    };
  } catch {
    return { ok: false, why: "npm audit gave no readable result" };
  }
}

/** A package may be named because of another one: only the one with the weakness is listed, once. */
function advisoriesIn({ vulnerabilities }: z.infer<typeof Answer>): Advisory[] {
  const all = Object.values(vulnerabilities).flatMap(({ via }) => via.filter((cause) => typeof cause !== "string"));
  return [...new Map(all.map((advisory) => [keyOf(advisory), advisory])).values()];
}

function keyOf({ name, title, url }: Advisory): string {
  return JSON.stringify([name, title, url]);
}

function findingOf(advisory: Advisory, known_before: boolean): Finding {
  const { name, title, url, range } = advisory;
  const severity: Severity = SEVERITY[advisory.severity];
  const weighty = severity === "critical" || severity === "high";
  const before = `The primary branch has it too (severity ${severity}): recorded, not held against this task.`;
  return normaliseFinding(
    {
      title: storable(`${name}: ${title}`, TITLE_MAX),
      severity: known_before && weighty ? "medium" : severity,
      description: storable([`${name} ${range}`, url, ...(known_before ? [before] : [])].join("\n"), DESCRIPTION_MAX),
      file: LOCK,
    },
    "vulnerability",
  );
}
