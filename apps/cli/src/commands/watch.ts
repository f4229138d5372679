/** `baton watch`: follows a run to its end, as a live picture, as lines, or as JSON lines. */
import type { RunState } from "@baton/domain";
import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import { follow } from "../follow/follow.ts";
import { type Teller, tellInJson, tellInLines } from "../follow/words.ts";
import { runId } from "../ids.ts";
import type { Out } from "../out.ts";
import { atDesk, type Desk, type JsonOption } from "./desk.ts";

export function addWatchCommand(baton: Command): void {
  baton
    .command("watch")
    .description("follow a run to its end; exit code 0 when it completes, 1 when it fails or is killed")
    .summary("follow a run to its end, live")
    .argument("<run>", "the run: its id, or the beginning of it")
    .option("--json", "one line of JSON for each change")
    .action((given: string, options: JsonOption) => atDesk(options, (desk) => watch(desk, given), PATIENCE_MS));
}

/** It goes on asking all the same, and says so meanwhile. */
const PATIENCE_MS = 1_000;

async function watch({ client, out }: Desk, given: string): Promise<number> {
  const id = await runId(client, given);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const { teller, close } = await openTeller(out);
  let state: RunState = "active";
  try {
    for await (const look of follow(client, id, stop.signal)) {
      teller.told(look);
      if (look.kind === "seen") state = look.run.state;
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return EXIT.interrupted;
  } finally {
    await close();
  }
  return state === "completed" ? EXIT.ok : EXIT.failed;
}

/** Ink and what it needs is loaded by who sees it. */
async function openTeller(out: Out): Promise<{ teller: Teller; close: () => Promise<void> }> {
  const nothing = async () => {};
  if (out.json) return { teller: tellInJson(out.line), close: nothing };
  if (out.width === null) return { teller: tellInLines(out.line, out.style), close: nothing };
  const { openScreen } = await import("../follow/screen.ts");
  const screen = openScreen(process.stdout, out.style);
  return { teller: screen, close: screen.close };
}
