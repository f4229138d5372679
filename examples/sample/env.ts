/**
 * What the dev agent is told by its surroundings. Checked by hand: an agent is any program, so this one needs nothing of
 * Baton's, not even its libraries.
 */

const NEEDED = ["BATON_TASK_ID", "BATON_STAGE", "BATON_VISIT", "BATON_PACKET", "BATON_OUT"] as const;

export type Surroundings = Readonly<Record<(typeof NEEDED)[number], string>>;

/** All of it, or exit 78 with a line that names everything that is missing. */
export function surroundings(): Surroundings {
  const missing = NEEDED.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    console.error(`This agent is started by Baton. Missing from the environment: ${missing.join(", ")}`);
    process.exit(78);
  }
  return Object.fromEntries(NEEDED.map((name) => [name, process.env[name]])) as Surroundings;
}
