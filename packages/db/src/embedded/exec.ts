/** Runs one short program to its end, as an account, with a bare environment. Long-running Postgres is `postmaster.ts`. */
import { execFile } from "node:child_process";
import type { Runner } from "./runner.ts";

export type Execution = { ok: boolean; output: string };

/**
 * The environment is emptied so that no PGDATA, PGPORT or LC_* of the caller reaches the server, and the folder is `/`
 * because an unprivileged account may not be allowed to stand where we stand. A failure is a value: probes expect it.
 */
export function execFileSafely(program: string, args: string[], runner: Runner): Promise<Execution> {
  const options = { ...runner, cwd: "/", env: BARE_ENVIRONMENT, timeout: 120_000, maxBuffer: 4 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, output: stdout.trim() });
      else resolve({ ok: false, output: `${stdout}${stderr}`.trim() || error.message });
    });
  });
}

export const BARE_ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };
