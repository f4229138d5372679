/** After the start: sends the sample run down the line of an empty database and shows it in the terminal until it is over. */
import { readFile } from "node:fs/promises";
import { openClient } from "@baton/client";
import type { Ready } from "./child.ts";
import type { Settings } from "./env.ts";
import { submitSample } from "./sample.ts";
import { summary } from "./summary.ts";
import type { Terminal } from "./terminal.ts";
import type { WhenUp } from "./up.ts";
import { watchRun } from "./watch.ts";

export function showSample(settings: Settings, terminal: Terminal): WhenUp {
  return async (api, signal) => {
    const token = await adminToken(api, settings);
    if (api.url === undefined || token === null) return;
    const client = openClient({ url: api.url, token });
    const sample = await submitSample(client, settings.data_dir, signal);
    if (sample === null) return;
    terminal.line();
    terminal.line(`${terminal.style("bold", "The sample run")} (a scripted agent, no model), in ${sample.repository}`);
    const watched = await watchRun(client, sample.run_id, terminal, signal);
    summary(watched, terminal);
    terminal.line(`  Look at it: git -C ${sample.repository} log --oneline ${watched.tasks[0]?.branch ?? "--all"}`);
  };
}

/** The one made just now, the one that was set, or the one kept at the first start. */
async function adminToken(api: Ready, { environment }: Settings): Promise<string | null> {
  const told = api.admin_token ?? environment.BATON_ADMIN_TOKEN;
  if (told !== undefined && told !== "") return told;
  if (api.admin_token_file === undefined) return null;
  return (await readFile(api.admin_token_file, "utf8")).trim();
}
