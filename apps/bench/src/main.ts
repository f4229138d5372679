/** `npm run bench`: Baton beside two chains of BullMQ queues, on servers of its own, in one run. Exits with 1 when a task did not go once through each stage. */
import { CONTENDERS } from "./contenders/index.ts";
import { readOptions } from "./options.ts";
import { machineWith, textOf } from "./report.ts";
import { measureScale, scaleText } from "./scale/scale.ts";
import { startServers } from "./servers/index.ts";
import { play } from "./tournament.ts";
import { measureWaiting, waitingText } from "./waiting/waiting.ts";

const EXIT_BAD_OPTIONS = 78;

const tell = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

async function main(): Promise<number> {
  const read = readOptions(process.argv.slice(2));
  if (!read.ok) {
    tell(read.problem);
    return EXIT_BAD_OPTIONS;
  }
  const { only } = read.options;
  const contenders = CONTENDERS.filter(({ name }) => name.includes(only));
  if (contenders.length === 0) {
    tell(`No contender's name holds "${only}". There are: ${CONTENDERS.map(({ name }) => name).join(", ")}.`);
    return EXIT_BAD_OPTIONS;
  }
  tell("starting a Redis and a Postgres");
  const servers = await startServers();
  try {
    if (read.options.waiting !== undefined) {
      const waited = await measureWaiting(servers, { agents: read.options.waiting, idle_s: read.options.idle_s }, tell);
      process.stdout.write(`${read.options.json ? JSON.stringify(waited, null, 2) : waitingText(waited)}\n`);
      return 0;
    }
    if (read.options.scale) {
      const scaled = await measureScale(servers, read.options, tell);
      process.stdout.write(`${read.options.json ? JSON.stringify(scaled, null, 2) : scaleText(scaled)}\n`);
      return 0;
    }
    const rows = await play(contenders, servers, read.options, tell);
    const report = { machine: machineWith(servers.versions), options: read.options, rows };
    process.stdout.write(`${read.options.json ? JSON.stringify(report, null, 2) : textOf(report)}\n`);
    return rows.every(({ rounds }) => rounds.every(({ faults }) => faults.length === 0)) ? 0 : 1;
  } catch (error) {
    tell(`FAULT: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await servers.stop();
  }
}

process.exitCode = await main();
