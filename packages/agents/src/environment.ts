/** Which environment variables programs and git get. Owns the lists of names that must not reach them; where the base comes from is the caller's affair. */

export type Environment = Readonly<Record<string, string | undefined>>;

/** Ours: an agent must reach neither the database nor the store nor the admin token, and must not mistake our port for its own. */
const OURS = new Set([
  ...["DATABASE_URL", "REDIS_URL", "ARTIFACT_STORE_URL", "STAGE", "PORT", "HOST"],
  ...["AUTO_TRIGGER_AGENTS", "LOG_LEVEL"],
]);

/** Ours too where artifacts lie in a bucket; elsewhere an agent may need them for its model. */
const BUCKET_KEYS = new Set(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]);

/** What ties git to another repository than the one it is started in, e.g. when we were started by a hook. */
const TIES = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_CEILING_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_CONFIG",
  "GIT_DIFF_OPTS",
  "GIT_DIR",
  "GIT_EXTERNAL_DIFF",
  "GIT_GRAFT_FILE",
  "GIT_ICASE_PATHSPECS",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_GLOB_PATHSPECS",
  "GIT_LITERAL_PATHSPECS",
  "GIT_NAMESPACE",
  "GIT_NOGLOB_PATHSPECS",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_SHALLOW_FILE",
  "GIT_TEMPLATE_DIR",
  "GIT_WORK_TREE",
]);

const AUTHOR = { name: "Baton", email: "baton@localhost" };

/** For an agent, a test command or a check. `extra` tells it where it is. */
export function programEnvironment(base: Environment, extra: Record<string, string>): Record<string, string> {
  return { ...kept(base, (name) => !TIES.has(name)), ...extra };
}

/**
 * For our own git: answers in English, asks nobody, takes no transport that runs programs, signs as us. What is ours is
 * withheld from it as well: git runs the filters of a repository, which an agent may have set.
 */
export function gitEnvironment(base: Environment): Record<string, string> {
  const quiet = { GIT_ASKPASS: "", GIT_SSH_COMMAND: "ssh -oBatchMode=yes" };
  return {
    ...quiet,
    ...kept(base, (name) => !TIES.has(name) && !name.startsWith("GIT_TRACE")),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    SSH_ASKPASS_REQUIRE: "never",
    GIT_ALLOW_PROTOCOL: "file:http:https:ssh",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
  };
}

/** Never what is ours. */
function kept(base: Environment, keep: (name: string) => boolean): Record<string, string> {
  const in_bucket = base["ARTIFACT_STORE_URL"]?.startsWith("s3:") ?? false;
  const ours = (name: string) => OURS.has(name) || name.startsWith("BATON_") || (in_bucket && BUCKET_KEYS.has(name));
  const pairs = Object.entries(base).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !ours(pair[0]) && keep(pair[0]),
  );
  return Object.fromEntries(pairs);
}
