/** What `baton up` says once the line is up: where everything is to be found. */
import { join, relative } from "node:path";
import type { Ready } from "./child.ts";
import type { Settings } from "./env.ts";
import type { Terminal } from "./terminal.ts";

export function welcome(api: Ready, settings: Settings, terminal: Terminal): void {
  const base = api.url ?? `http://${settings.host}:${settings.port}`;
  const rows: [label: string, value: string][] = [
    ["API", `${base}/api`],
    ["API docs", `${base}/api/docs`],
    ["Queues", `${base}/admin/queues`],
    ["Admin token", tokenRow(api)],
    ["Logs", shown(join(settings.data_dir, "logs"))],
  ];
  terminal.line();
  terminal.line(terminal.style("bold", "Baton is up."));
  for (const [label, value] of rows) terminal.line(`  ${terminal.style("dim", label.padEnd(12))} ${value}`);
  terminal.line();
  terminal.line("Ctrl-C stops everything.");
}

/** The token itself is shown once, when it has just been made. */
function tokenRow(api: Ready): string {
  const kept = api.admin_token_file === undefined ? null : `in ${shown(api.admin_token_file)}`;
  if (api.admin_token === undefined) return kept ?? "the one in BATON_ADMIN_TOKEN";
  return kept === null ? api.admin_token : `${api.admin_token} (kept ${kept})`;
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
