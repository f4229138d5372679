/** The settings of the MCP program, from the environment that its client gives it. */
import { z } from "zod";

const Settings = z.object({
  BATON_URL: z.url({ protocol: /^https?$/, error: "must be an http:// URL" }).default("http://127.0.0.1:3000"),
  BATON_TOKEN: z
    .string({ error: "is missing: a token of the role agent, from POST /api/tokens" })
    .regex(/^[\x21-\x7e]{1,500}$/, "must be visible ASCII characters"),
});

const EX_CONFIG = 78;

/** Every problem is told at once, on standard error: standard output belongs to the protocol. */
export function settingsOrExit(): { url: string; token: string } {
  // An empty variable counts as unset: that is how shells and editors leave things out.
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const { success, data, error } = Settings.safeParse(given);
  if (success) return { url: data.BATON_URL, token: data.BATON_TOKEN };
  for (const issue of error.issues) console.error(`${issue.path.join(".")} ${issue.message}`);
  process.exit(EX_CONFIG);
}
