/** Takes the reports out of the attempt's folders and reads them all. What cannot be read is named; nothing is left where it lay. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { distinctFindings, type Finding, normaliseFinding } from "@baton/domain";
import { illFormed, type Parsed, parseCoverage, parseJunit, parseSarif, type TestCounts } from "@baton/formats";
import type { Git } from "../git.ts";
import type { Worktree } from "../worktree.ts";
import { parseBugs } from "./bugs.ts";
import { type Handoff, parseHandoff } from "./handoff.ts";
import { LARGEST, REPORT_NAMES, type ReportName } from "./names.ts";
import { readReport } from "./read-report.ts";
import { parseSecurityReport } from "./security-report.ts";

export interface Reports {
  /** Which were there. */
  names: ReportName[];
  /** What they hold, as they were left. */
  texts: ReadonlyMap<ReportName, string>;
  handoff: Handoff | null;
  findings: Finding[];
  tests: TestCounts | null;
  coverage: number | null;
}

export interface ReportPlaces {
  out: string;
  worktree: Worktree;
  /** An index that we may overwrite. */
  index: string;
  /** The commit that tells a report in the worktree's root from a file of the project with the same name. */
  start: string;
  git: Git;
}

export async function collectReports(places: ReportPlaces): Promise<Parsed<Reports>> {
  const texts = new Map<ReportName, string>();
  const wrong: string[] = [];
  const own = await projectFiles(places);
  for (const name of REPORT_NAMES) {
    const text = await readEither(name, places, own);
    if (!text.ok) wrong.push(`${name} ${text.why}`);
    else if (text.value !== null) texts.set(name, text.value);
  }
  await clear(places, own);
  const none = { handoff: null, findings: [], tests: null, coverage: null };
  const reports: Reports = { names: [...texts.keys()], texts, ...none };
  for (const [name, text] of texts) {
    const why = await READERS[name](text, reports, places.worktree.path);
    if (why !== null) wrong.push(`${name} ${why}`);
  }
  reports.findings = distinctFindings(reports.findings);
  return wrong.length === 0 ? { ok: true, value: reports } : illFormed(wrong.join("\n"));
}

/** Each takes one text into the whole, or says why it cannot. */
const READERS: Record<
  ReportName,
  (text: string, into: Reports, worktree: string) => string | null | Promise<string | null>
> = {
  "handoff.json": (text, into) =>
    take(parseHandoff(text), (handoff) => {
      into.handoff = handoff;
      into.findings.push(...handoff.findings.map((finding) => normaliseFinding(finding, "finding")));
    }),
  "bugs.json": (text, into) => take(parseBugs(text), (bugs) => into.findings.push(...bugs)),
  "security_report.json": (text, into) => take(parseSecurityReport(text), (found) => into.findings.push(...found)),
  "junit.xml": async (text, into, worktree) =>
    take(await parseJunit(text, worktree), ({ counts, findings }) => {
      into.tests = counts;
      into.findings.push(...findings);
    }),
  "results.sarif": (text, into, worktree) => take(parseSarif(text, worktree), (found) => into.findings.push(...found)),
  "coverage-summary.json": (text, into) =>
    take(parseCoverage(text), (coverage) => {
      into.coverage = coverage;
    }),
};

function take<T>(parsed: Parsed<T>, into: (value: T) => unknown): string | null {
  if (!parsed.ok) return parsed.why;
  into(parsed.value);
  return null;
}

/** BATON_OUT first; the worktree's root for programs that know no better. */
async function readEither(
  name: ReportName,
  { out, worktree }: ReportPlaces,
  own: OwnFiles,
): Promise<Parsed<string | null>> {
  const text = await readReport(join(out, name), LARGEST[name]);
  if (!text.ok || text.value !== null || own.untouched.has(name)) return text;
  return readReport(join(worktree.path, name), LARGEST[name]);
}

/** Files of the project that happen to bear a report's name. Overwritten, they are taken for reports. */
interface OwnFiles {
  untouched: Set<string>;
  overwritten: string[];
}

async function projectFiles({ git, start, worktree }: ReportPlaces): Promise<OwnFiles> {
  const here = git.at(worktree.path);
  const env = { GIT_DIR: worktree.git_dir, GIT_WORK_TREE: worktree.path };
  const tracked = (await here.run(["ls-tree", "-z", "--name-only", start, "--", ...REPORT_NAMES], { env }))
    .split("\0")
    .filter(Boolean);
  if (tracked.length === 0) return { untouched: new Set(), overwritten: [] };
  const changed = new Set(
    (await here.run(["diff", "--name-only", "-z", start, "--", ...tracked], { env })).split("\0"),
  );
  return {
    untouched: new Set(tracked.filter((name) => !changed.has(name))),
    overwritten: tracked.filter((name) => changed.has(name)),
  };
}

async function clear(places: ReportPlaces, own: OwnFiles): Promise<void> {
  const { out, worktree, git, start, index } = places;
  const left = REPORT_NAMES.filter((name) => !own.untouched.has(name));
  await Promise.all(left.map((name) => rm(join(worktree.path, name), { recursive: true, force: true })));
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  if (own.overwritten.length === 0) return;
  const env = { GIT_DIR: worktree.git_dir, GIT_WORK_TREE: worktree.path, GIT_INDEX_FILE: index };
  await git.at(worktree.path).run(["read-tree", start], { env });
  await git.at(worktree.path).run(["checkout-index", "--force", "--", ...own.overwritten], { env });
}
