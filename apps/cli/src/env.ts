/** The settings of `baton up` and of the commands that call a running one: parsed once, every problem reported at once. */
import { resolve } from "node:path";
import { z } from "zod";

export const EXIT_BAD_SETTINGS = 78;

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  BATON_DATA_DIR: z.string().default(".baton"),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a redis:// URL" }).optional(),
});

export type Settings = {
  port: number;
  host: string;
  data_dir: string;
  /** Absent: the embedded Postgres. */
  database_url: string | undefined;
  /** Absent: the queues live in Postgres. */
  redis_url: string | undefined;
  /** What every program is started with, its own settings aside. */
  environment: Record<string, string | undefined>;
  /** Npm passes signals on, but not its own sudden death. */
  started_by_npm: boolean;
};

/** Null when something is wrong, which has then been said. */
export function readSettings(options: { port?: number | undefined }): Settings | null {
  const parsed = schema.safeParse(given({ ...process.env, PORT: options.port?.toString() ?? process.env.PORT }));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    process.stderr.write(`Bad settings:\n  ${problems.join("\n  ")}\n`);
    return null;
  }
  const { PORT, HOST, BATON_DATA_DIR, DATABASE_URL, REDIS_URL } = parsed.data;
  return {
    port: PORT,
    host: HOST,
    data_dir: resolve(BATON_DATA_DIR),
    database_url: DATABASE_URL,
    redis_url: REDIS_URL,
    environment: process.env,
    started_by_npm: process.env.npm_lifecycle_event !== undefined,
  };
}

const serverSchema = z.object({
  BATON_URL: z.url({ protocol: /^https?$/, error: "must be an http:// URL" }).optional(),
  BATON_TOKEN: z.string().optional(),
  BATON_ADMIN_TOKEN: z.string().optional(),
  BATON_DATA_DIR: z.string().default(".baton"),
  PORT: z.coerce.number().int().min(1).max(65_535).default(3000),
});

type Server = { ok: true; url: string; token: string | undefined; data_dir: string } | { ok: false; problem: string };

/** Where a running Baton is: this machine's, unless BATON_URL says otherwise. */
export function readServer(): Server {
  const parsed = serverSchema.safeParse(given(process.env));
  if (!parsed.success) {
    return {
      ok: false,
      problem: parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("; "),
    };
  }
  const { BATON_URL, BATON_TOKEN, BATON_ADMIN_TOKEN, BATON_DATA_DIR, PORT } = parsed.data;
  const url = BATON_URL ?? `http://127.0.0.1:${PORT}`;
  return { ok: true, url, token: BATON_TOKEN ?? BATON_ADMIN_TOKEN, data_dir: resolve(BATON_DATA_DIR) };
}

export type Workplace = {
  /** Where worktrees and clones lie when nothing else is said. */
  data_dir: string;
  /** What programs inherit. */
  environment: Record<string, string | undefined>;
  /** BATON_OUT of the attempt in which we are started; undefined outside one. */
  out: string | undefined;
  /** Its stage. */
  stage: string | undefined;
};

/** Where `baton work` works, or what `baton done` finds around it. */
export function readWorkplace(): Workplace {
  const { BATON_DATA_DIR, BATON_OUT, BATON_STAGE } = given(process.env);
  return {
    data_dir: resolve(BATON_DATA_DIR ?? ".baton"),
    environment: process.env,
    out: BATON_OUT,
    stage: BATON_STAGE,
  };
}

/** Compose files and shells pass what is not set as an empty text. */
function given(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
}
