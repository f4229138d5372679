/** What the server is put together from, opened by `main.ts` (or by a test) and handed to every handler. */
import { readFileSync } from "node:fs";
import type { OpenLine, WaitingRoom } from "@baton/pipeline";
import type { Logger } from "pino";
import type { Drain } from "./drain.ts";
import type { UploadLimits } from "./upload.ts";

export interface Parts {
  line: OpenLine;
  /** Where long polls wait. */
  room: WaitingRoom;
  backend: "postgres" | "redis";
  log: Logger;
  drain: Drain;
  /** Bull Board may change queues. */
  board_write: boolean;
  /** Names under which MCP clients may reach us, besides localhost and our address. */
  hosts: readonly string[];
  uploads: UploadLimits;
  /** Hosted workers start on new runs by themselves, where the project does not say. */
  auto_trigger: boolean;
}

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
export const VERSION = manifest.version;
