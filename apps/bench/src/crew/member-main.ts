/** A worker process of a contender: serves its stages, tells the bench which tasks are through, and ends when told to. */
import { now } from "../clock.ts";
import { contenderCalled } from "../contenders/index.ts";
import { packetText } from "../contenders/packet.ts";
import { FromBench, type FromMember, type Note, Order } from "./messages.ts";

/** Finished tasks are told in heaps, so that telling costs next to nothing. */
const TELL_MS = 5;

const order = Order.parse(JSON.parse(process.argv[2] ?? ""));
let untold: [string, number][] = [];
let notes: Note[] | null = null;

const serving = await contenderCalled(order.contender).serve({
  place: order.place,
  stages: order.stages,
  concurrency: order.concurrency,
  work: (task_id, stage) => {
    const begun = now();
    const text = packetText();
    notes?.push({ task_id, stage, begun, done: now() });
    return text;
  },
  finished: (task_id) => {
    if (untold.push([task_id, now()]) === 1) setTimeout(tellFinished, TELL_MS);
  },
  onError: (error) => tell({ type: "trouble", message: error instanceof Error ? error.message : String(error) }),
});

function tellFinished(): void {
  tell({ type: "finished", tasks: untold });
  untold = [];
}

function tell(message: FromMember): void {
  process.send?.(message);
}

async function leave(): Promise<void> {
  await serving.close();
  process.exit(0);
}

process.on("message", (message) => {
  switch (FromBench.parse(message)) {
    case "used?": {
      const { user, system } = process.cpuUsage();
      const used = { cpu_ms: (user + system) / 1_000, rss_bytes: process.memoryUsage.rss() };
      return tell({ type: "used", used });
    }
    case "note":
      notes = [];
      return;
    case "noted?":
      tell({ type: "noted", notes: notes ?? [] });
      notes = null;
      return;
    case "stop":
      return void leave();
  }
});
process.on("disconnect", () => process.exit(1));
tell({ type: "ready" });
