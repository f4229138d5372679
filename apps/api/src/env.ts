/** The settings of the API, from the environment. Every problem is told at once; a bad setting ends the program with 78. */
import { z } from "zod";

const Settings = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().min(1).default("127.0.0.1"),
  BATON_DATA_DIR: z.string().min(1).default(".baton"),
  BATON_ADMIN_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{20,500}$/, "must be 20 to 500 visible ASCII characters")
    .optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a redis:// URL" }).optional(),
  /** Unset: the contents of artifacts and proofs lie in the data folder. */
  ARTIFACT_STORE_URL: z.url({ protocol: /^s3$/, error: "must be s3://bucket/prefix?endpoint=…&region=…" }).optional(),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
  /** Largest file taken, in MB (of 1024 KB). */
  BATON_ARTIFACT_MAX_MB: z.coerce.number().int().min(1).max(5_000).default(64),
  /** Names under which MCP clients may reach /mcp, besides localhost and the address itself: without port, by commas. */
  BATON_HOSTS: z
    .string()
    .transform((hosts) => hosts.split(",").map((host) => host.trim().toLowerCase()))
    .pipe(z.array(z.string().regex(/^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/, "must be host names, separated by commas")))
    .default([]),
  /** Off: hosted workers wait until a run is triggered, unless its project says otherwise. */
  AUTO_TRIGGER_AGENTS: z
    .enum(["0", "1", "false", "true", "off", "on"])
    .default("on")
    .transform((value) => ["1", "true", "on"].includes(value)),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  BATON_BOARD_WRITE: z
    .enum(["0", "1"])
    .default("0")
    .transform((value) => value === "1"),
});
export type Settings = z.infer<typeof Settings>;

/** An empty variable counts as unset: that is how compose files and shells leave things out. */
export function readSettings(env: Record<string, string | undefined>): { settings: Settings } | { problems: string[] } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = Settings.safeParse(given);
  if (parsed.success) return { settings: parsed.data };
  // The value is not repeated: it may be a secret.
  return { problems: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) };
}

export function settingsOrExit(): Settings {
  const read = readSettings(process.env);
  if ("settings" in read) return read.settings;
  for (const problem of read.problems) console.error(problem);
  process.exit(78);
}
