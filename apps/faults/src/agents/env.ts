/** The settings of the two agent programs, as whoever starts them gives them: parsed once, every problem reported at once, exit 78 on a bad one. */
import { resolve } from "node:path";
import { STAGES } from "@baton/domain";
import { z } from "zod";

/** What both programs need: who they are, where their history goes, and the seed that decides what their work is like. */
const telling = {
  /** The process's name in the cluster; its history is `<name>.jsonl`. */
  FAULTS_NAME: z.string().regex(/^[\w-]+$/),
  /** The folder of the histories. */
  FAULTS_HISTORY: z.string().transform((folder) => resolve(folder)),
  FAULTS_SEED: z.coerce.number().int(),
};

const stages = z
  .string()
  .transform((names) => names.split(","))
  .pipe(z.array(z.enum(STAGES)).min(1));

/** Pulling agents over HTTP, several in one process. */
const HttpSettings = z.object({
  ...telling,
  /** One or more, by commas; an agent changes to the next when one is away. */
  BATON_API_URLS: z
    .string()
    .transform((urls) => urls.split(","))
    .pipe(z.array(z.url()).min(1)),
  BATON_TOKEN: z.string().min(1),
  FAULTS_AGENTS: z.coerce.number().int().min(1).max(500).default(6),
  FAULTS_LEASE_S: z.coerce.number().int().min(5).default(5),
  FAULTS_STAGES: stages.default([...STAGES]),
});
export type HttpSettings = z.infer<typeof HttpSettings>;

/** A hosted worker of one stage with scripted work: the settings of the real one, and those of the harness. */
const HostedSettings = z.object({
  ...telling,
  STAGE: z.enum(STAGES),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  BATON_DATA_DIR: z.string().transform((folder) => resolve(folder)),
  BATON_CONCURRENCY: z.coerce.number().int().min(1).max(500).default(3),
  BATON_LEASE_S: z.coerce.number().int().min(2).default(2),
});
export type HostedSettings = z.infer<typeof HostedSettings>;

export const readHttpSettings = (): HttpSettings => read(HttpSettings);
export const readHostedSettings = (): HostedSettings => read(HostedSettings);

function read<S extends z.ZodType>(schema: S): z.infer<S> {
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  console.error(z.prettifyError(parsed.error));
  process.exit(78);
}
