/** A program that does not hear SIGTERM and has started another one, which does not either; its URL tells the other's pid. */
import { spawn } from "node:child_process";

const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.send({});";
const other = spawn(process.execPath, ["-e", deaf], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
process.on("SIGTERM", () => undefined);
process.stdout.write(`pid ${process.pid}\npid ${other.pid}\n`);
other.once("message", () => process.send?.({ type: "ready", url: `http://127.0.0.1/${other.pid}` }));
setInterval(() => undefined, 1000);
