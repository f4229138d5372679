/** A process that takes an upload that does not end, until it is killed. Says so once bytes are on the disk. */
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { openStore } from "../open.ts";
import { filesIn } from "./folder.ts";

const [folder = ""] = process.argv.slice(2);

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) {
    yield Buffer.alloc(1_000, 7);
    if ((await filesIn(folder)).length > 0) process.send?.("under way");
    await turn();
  }
}

const store = await openStore({ folder });
await store.receive(Readable.from(endless()), { limit_bytes: Number.MAX_SAFE_INTEGER });
