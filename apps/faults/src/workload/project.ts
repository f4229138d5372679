/** The project that workload W belongs to: hosted workers serve all of its stages, and pulling agents take from them what they can. */
import type { CreateProject } from "@baton/domain/api";
import type { z } from "zod";

export type Settings = NonNullable<z.input<typeof CreateProject>["settings"]>;

/** Nobody ever runs it: the hosted workers of the harness work by a script. */
const command = { run: "true" };

/** Crashes and failures are part of the work: no task is given up for them, except where a scenario wants it. */
const LIMITS = { rejections: 3, attempts: 100, crashes: 100 };

interface Given {
  settings?: Settings;
  repository_url?: string;
}

/** Commands that are given take the place of these. */
export function projectOf({ settings, repository_url = "file:///nowhere" }: Given): z.input<typeof CreateProject> {
  return {
    name: "W",
    repository_url,
    settings: {
      commands: { dev: command, qa: command, sec: command, docs: command },
      limits: LIMITS,
      ...settings,
    },
  };
}
