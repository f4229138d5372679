/** Questions about commits: where work starts, what the whole task has changed, what one attempt has changed. Reads only. */
import { type Assignment, blocked, branchOf, proceed, type Step } from "./assignment.ts";
import { headOf, type Repository } from "./repository.ts";

export interface ChangedFile {
  path: string;
  action: "created" | "modified" | "deleted";
  /** Null for binary files. */
  insertions: number | null;
  deletions: number | null;
}

const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** Postgres is the truth: the packet's commit; the branch and the primary branch stand in only where it names none that is here. */
export async function startCommit(repository: Repository, assignment: Assignment): Promise<Step<string>> {
  const named = assignment.packet?.output_metrics.commit;
  if (typeof named === "string" && COMMIT.test(named) && (await isCommit(repository, named))) return proceed(named);
  const { primary_branch } = assignment.project;
  const start = (await headOf(repository, branchOf(assignment))) ?? (await headOf(repository, primary_branch));
  return start === null
    ? blocked(`the branch ${primary_branch} is gone from the repository: bring it back`)
    : proceed(start);
}

async function isCommit({ git }: Repository, commit: string): Promise<boolean> {
  return (await git.ask(["cat-file", "-e", `${commit}^{commit}`])) !== null;
}

/** Where the task left the primary branch; the empty tree when the two share no history. */
export async function taskBase(repository: Repository, assignment: Assignment, commit: string): Promise<string> {
  const { git, heads } = repository;
  const base = await git.ask(["merge-base", `${heads}${assignment.project.primary_branch}`, commit]);
  return base ?? (await git.run(["hash-object", "-t", "tree", "--stdin"])).trim();
}

export async function isAncestor({ git }: Repository, older: string, newer: string): Promise<boolean> {
  return (await git.ask(["merge-base", "--is-ancestor", older, newer])) !== null;
}

/** Renames count as deleted and created. */
export async function changedFiles({ git }: Repository, from: string, to: string): Promise<ChangedFile[]> {
  const range = ["-r", "-z", "--no-renames", "--no-ext-diff", from, to];
  const [status, counts] = await Promise.all([
    git.run(["diff-tree", "--name-status", ...range]),
    git.run(["diff-tree", "--numstat", ...range]),
  ]);
  const numbers = readCounts(counts);
  return readStatus(status).map(({ path, action }) => ({
    path,
    action,
    ...(numbers.get(path) ?? { insertions: null, deletions: null }),
  }));
}

/** The added lines of everything between two commits, as a patch. `--text`: a file called binary by .gitattributes is looked at all the same. */
export function addedLinesPatch({ git }: Repository, from: string, to: string): Promise<string> {
  const format = ["-p", "--unified=0", "--text", "--no-renames", "--no-ext-diff", "--no-textconv", "--diff-filter=AM"];
  return git.run(["diff-tree", "-r", ...format, "--src-prefix=a/", "--dst-prefix=b/", from, to]);
}

function readStatus(output: string): Pick<ChangedFile, "path" | "action">[] {
  const fields = output.split("\0");
  const files: Pick<ChangedFile, "path" | "action">[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    files.push({ action: actionOf(fields[at] ?? ""), path: fields[at + 1] ?? "" });
  }
  return files;
}

function actionOf(letter: string): ChangedFile["action"] {
  if (letter === "A") return "created";
  return letter === "D" ? "deleted" : "modified";
}

function readCounts(output: string): Map<string, Pick<ChangedFile, "insertions" | "deletions">> {
  const rows = output.split("\0").filter((row) => row !== "");
  return new Map(
    rows.map((row) => {
      const [insertions = "", deletions = "", ...path] = row.split("\t");
      return [path.join("\t"), { insertions: countOf(insertions), deletions: countOf(deletions) }];
    }),
  );
}

function countOf(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}
