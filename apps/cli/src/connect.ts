/** The way to a running Baton: where it listens and the token, from the environment or from what `baton up` left. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, openClient } from "@baton/client";
import { Complaint } from "./complaint.ts";
import { readServer } from "./env.ts";
import { EXIT } from "./exit-codes.ts";

/** `patience_ms`: how long to ask again while nobody answers. */
export async function connect(patience_ms?: number): Promise<Client> {
  const server = readServer();
  if (!server.ok) throw new Complaint(`bad settings: ${server.problem}`, EXIT.settings);
  const token = server.token ?? (await kept(server.data_dir));
  if (token === null) {
    throw new Complaint(`no token: set BATON_TOKEN, or run this where ${server.data_dir} is`, EXIT.not_allowed);
  }
  try {
    return openClient({ url: server.url, token, ...(patience_ms !== undefined && { patience_ms }) });
  } catch {
    throw new Complaint("the token has characters that no token has: set BATON_TOKEN anew", EXIT.settings);
  }
}

/** The admin token that the first start left. */
async function kept(data_dir: string): Promise<string | null> {
  const token = await readFile(join(data_dir, "admin-token"), "utf8").catch(() => "");
  return token.trim() === "" ? null : token.trim();
}
