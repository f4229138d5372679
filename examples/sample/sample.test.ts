/** Holds the sample run against the shapes that the API takes. */
import { hostedStages, ProjectSettings, STAGES } from "@baton/domain";
import { expect, test } from "vitest";
import { SAMPLE_RUN, sampleProject } from "./sample.ts";

test("the project's settings are ones that Baton takes, and every stage is hosted", () => {
  const project = sampleProject("/srv/sample", "/usr/bin/node");
  expect(hostedStages(project.repository_url, ProjectSettings.parse(project.settings))).toEqual([...STAGES]);
});

test("paths with spaces and quotes reach the shell as one word", () => {
  const { run } = sampleProject("/srv/sample", "/opt/it's node/node").settings.commands.dev;
  expect(run).toMatch(/^'\/opt\/it'\\''s node\/node' '.*dev-agent\.ts'$/);
});

test("the run has one task that says when it is done", () => {
  expect(SAMPLE_RUN.tasks).toHaveLength(1);
  expect(SAMPLE_RUN.tasks[0]?.acceptance_criteria.length).toBeGreaterThan(0);
});
