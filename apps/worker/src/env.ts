/** The settings of a worker: parsed once, every problem reported at once, exit 78 on a bad one. */
import { resolve } from "node:path";
import { STAGES } from "@baton/domain";
import { z } from "zod";

const Settings = z.object({
  STAGE: z.enum(STAGES),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a redis:// URL" }).optional(),
  /** Worktrees and clones lie here. */
  BATON_DATA_DIR: z
    .string()
    .default(".baton")
    .transform((dir) => resolve(dir)),
  /** Unset: the contents of artifacts and proofs lie in the data folder. */
  ARTIFACT_STORE_URL: z.url({ protocol: /^s3$/, error: "must be s3://bucket/prefix?endpoint=…&region=…" }).optional(),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
  /** Largest file taken from an agent, in MB (of 1024 KB). */
  BATON_ARTIFACT_MAX_MB: z.coerce.number().int().min(1).max(5_000).default(64),
  /** Attempts at the same time in this process. */
  BATON_CONCURRENCY: z.coerce.number().int().min(1).max(500).default(2),
  /** How long a silent worker keeps its task. */
  BATON_LEASE_S: z.coerce.number().int().min(2).max(1_800).default(30),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export type WorkerSettings = z.infer<typeof Settings> & {
  /** What the programs of agents inherit. */
  environment: Record<string, string | undefined>;
};

export function readSettings(): WorkerSettings {
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const parsed = Settings.safeParse(given);
  if (parsed.success) return { ...parsed.data, environment: process.env };
  console.error(
    `Bad settings:\n${parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`).join("\n")}`,
  );
  process.exit(78);
}
