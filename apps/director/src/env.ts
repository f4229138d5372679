/** The settings of a director: parsed once, every problem reported at once, exit 78 on a bad one. */
import { z } from "zod";

const Settings = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a redis:// URL" }).optional(),
  BATON_DATA_DIR: z.string().default(".baton"),
  /** Unset: the contents of artifacts and proofs lie in the data folder. */
  ARTIFACT_STORE_URL: z.url({ protocol: /^s3$/, error: "must be s3://bucket/prefix?endpoint=…&region=…" }).optional(),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export function readSettings(): z.infer<typeof Settings> {
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const parsed = Settings.safeParse(given);
  if (parsed.success) return parsed.data;
  console.error(
    `Bad settings:\n${parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`).join("\n")}`,
  );
  process.exit(78);
}
