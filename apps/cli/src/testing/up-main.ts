/** `baton up` with programs of the test's own: their file names come as arguments, database first, then migration, then line. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { readSettings } from "../env.ts";
import type { Program } from "../program.ts";
import { createTerminal } from "../terminal.ts";
import { up } from "../up.ts";

const [postgres = "", migrate = "", ...line] = process.argv.slice(2);
const settings = readSettings({});
if (settings === null) throw new Error("The test gives bad settings.");
const { environment } = settings;

function program(file: string): Program {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return { name: basename(file, ".ts"), path, environment, leftovers: "killed" };
}

process.exitCode = await up(
  settings,
  {
    postgres: { ...program(postgres), name: "postgres" },
    migrate: () => ({ ...program(migrate), name: "migrate" }),
    line: () => line.map(program),
  },
  createTerminal(process.stdout),
  async () => {},
);
