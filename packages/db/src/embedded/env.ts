/** The one setting the embedded server's program reads. Everything else about the server is decided in this folder. */
import { z } from "zod";

const schema = z.object({
  BATON_DATA_DIR: z.string().min(1).default(".baton"),
});

export type EmbeddedEnv = z.infer<typeof schema>;

export const EXIT_BAD_SETTINGS = 78;

export function readEnv(): EmbeddedEnv {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  process.stderr.write(`${z.prettifyError(parsed.error)}\n`);
  process.exit(EXIT_BAD_SETTINGS);
}
