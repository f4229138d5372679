/** Artifacts of a packet: which files the attempt touched. Git's word counts; the agent may add to it. */
import { artifactsFromDiff, type FileChange, type OutputArtifact } from "@baton/domain";

/** What the agent says about a file is kept, what was done to it is taken from git; files it forgot are added. */
export function withGitsWord(claimed: readonly OutputArtifact[], files: readonly FileChange[]): OutputArtifact[] {
  const actual = new Map(artifactsFromDiff(files).map((artifact) => [artifact.path, artifact]));
  const said = new Map(claimed.map((artifact) => [tidy(artifact.path), { ...artifact, path: tidy(artifact.path) }]));
  const corrected = [...said.values()].map((artifact) => ({
    ...artifact,
    action: actual.get(artifact.path)?.action ?? artifact.action,
  }));
  return [...[...actual.values()].filter(({ path }) => !said.has(path)), ...corrected];
}

function tidy(path: string): string {
  return path.replace(/^(\.\/)+(?=.)/, "");
}
