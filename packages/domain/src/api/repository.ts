/** Where a project's repository may lie and how its primary branch may be called: only what git takes as a place or a name, never as an option or a program. */
import { text } from "../text.ts";

/** git@host:path. A leading dash would make ssh or git read it as an option. */
const SCP_LIKE = /^[A-Za-z0-9_][\w.+-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^-:\s][^\s]*$/;

/** Stricter than what URL takes, since git reads the text itself: no backslash, no missing slash, no `ext::`. */
const ADDRESS = /^(https|ssh):\/\/[^\s/\\]((?!::)[^\s\\])*$/;

export const RepositoryUrl = text(2_000).superRefine((value, context) => {
  const problem = problemOf(value);
  if (problem) context.addIssue({ code: "custom", message: problem });
});

function problemOf(value: string): string | null {
  if (/\p{Cc}/u.test(value)) return "must not contain control characters";
  if (value.startsWith("/") || SCP_LIKE.test(value)) return null;
  if (/^file:\/\/\/[^/]/.test(value)) return null;
  const url = ADDRESS.test(value) && URL.canParse(value) ? new URL(value) : null;
  if (url === null) return "must be an absolute path, an https, ssh or file URL, or user@host:path";
  if (url.password !== "") return "must not carry a password: leave it to git's credential helper";
  return /^[A-Za-z0-9[]/.test(url.hostname) && !url.username.startsWith("-") ? null : "must name a host";
}

// The rules of `git check-ref-format --branch`.
const NOT_IN_A_REF = /[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|^[-./@]$|^[-./]|[./]$/u;

export const BranchName = text(200).refine(
  (value) => !NOT_IN_A_REF.test(value) && value !== "HEAD",
  "must be a branch name that git accepts",
);

/** The one branch of the repository that belongs to a task. */
export function branchOf(run_id: string, task_id: string): string {
  return `baton/${run_id}/${task_id}`;
}
