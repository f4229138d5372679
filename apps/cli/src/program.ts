/** The programs of the line: where each lies and which settings it is given. When they are started is `up.ts`. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { STAGES } from "@baton/domain";
import type { Settings } from "./env.ts";

export type Program = {
  name: string;
  path: string;
  environment: Record<string, string | undefined>;
  /** What a killed program leaves running: mostly to be killed too; the database's server is taken over instead. */
  leftovers: "killed" | "taken over";
};

/** The programs in the order in which they are started. */
export type Programs = {
  postgres: Program;
  migrate: (database_url: string) => Program;
  line: (database_url: string) => Program[];
};

export function programsOf(settings: Settings): Programs {
  // What Node made of our sources last time: a third of the start.
  const NODE_COMPILE_CACHE = join(settings.data_dir, "cache");
  const shared = {
    NODE_COMPILE_CACHE,
    ...settings.environment,
    BATON_DATA_DIR: settings.data_dir,
    REDIS_URL: settings.redis_url,
  };
  const program = (name: string, file: string, own: Record<string, string>): Program => ({
    name,
    path: fileURLToPath(new URL(`../../../${file}`, import.meta.url)),
    environment: { ...shared, ...own },
    leftovers: "killed",
  });
  return {
    postgres: { ...program("postgres", "packages/db/src/embedded/main.ts", {}), leftovers: "taken over" },
    migrate: (url) => program("migrate", "packages/db/src/migrate-main.ts", { DATABASE_URL: url }),
    line: (url) => [
      program("api", "apps/api/src/main.ts", { DATABASE_URL: url, PORT: String(settings.port), HOST: settings.host }),
      program("director", "apps/director/src/main.ts", { DATABASE_URL: url }),
      ...STAGES.map((stage) => program(stage, "apps/worker/src/main.ts", { DATABASE_URL: url, STAGE: stage })),
    ],
  };
}
