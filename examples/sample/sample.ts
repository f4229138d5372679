/** The sample run as the API takes it: one project on the prepared repository, one task about its bug. */
import { join } from "node:path";

/** `node` is the program to run the agent with: another version may be first on a worker's PATH. */
export function sampleProject(repository_url: string, node: string) {
  const agent = join(import.meta.dirname, "dev-agent.ts");
  return {
    name: "sample",
    repository_url,
    primary_branch: "main",
    settings: {
      commands: { dev: { run: `${quoted(node)} ${quoted(agent)}`, timeout_s: 60 } },
      // Printed for people, and written as JUnit for the line: it tells which test failed, and where.
      test_command: `npm test -- ${REPORTERS.join(" ")}`,
    },
  };
}

const REPORTERS = [
  "--test-reporter=spec",
  "--test-reporter-destination=stdout",
  "--test-reporter=junit",
  "--test-reporter-destination=junit.xml",
];

export const SAMPLE_RUN = {
  name: "sample",
  tasks: [
    {
      title: "Keep letters with accents in slugs",
      description:
        'slugify("Crème brûlée") gives cr-me-br-l-e. It should give creme-brulee: the accent goes, the letter stays. ' +
        "src/slug.js splits titles into words; the README promises the right result and a test asks for it.",
      acceptance_criteria: [
        'slugify("Crème brûlée") is "creme-brulee"',
        "npm test passes",
        "The changelog says what changed",
      ],
    },
  ],
};

/** For the POSIX shell that runs a stage's command. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
