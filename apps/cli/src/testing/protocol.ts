/** What every program of the line does towards its supervisor: says that it is ready, and ends when told or left alone. */
import { writeSync } from "node:fs";

/** Its pid goes to its log and into its URL, the moment of its end to its log. */
export function obey(linger_ms: number): void {
  const end = () => setTimeout(leave, linger_ms);
  process.on("SIGTERM", end);
  process.on("disconnect", end);
  writeSync(1, `pid ${process.pid}\n`);
  process.send?.({ type: "ready", url: `http://127.0.0.1/${process.pid}` });
}

function leave(): never {
  writeSync(1, `ended ${Date.now()}\n`);
  process.exit(0);
}
