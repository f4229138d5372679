/** What kind of file a path is, and the artifacts that a diff stands for. Knows names only: what is in a file is nobody's affair here. */
import type { OutputArtifact } from "./packet.ts";

/** What a diff says of one file. Renames count as deleted and created. */
export type FileChange = Pick<OutputArtifact, "path" | "action">;

/** The first kind whose pattern fits the path. */
const KINDS: readonly [OutputArtifact["type"], RegExp][] = [
  [
    "test",
    /(^|\/)(tests?|__tests__|__mocks__|e2e|cypress|testdata|fixtures)\/|[._-](test|spec|e2e|cy)\.[^/]+$|(^|\/)test_[^/]+\.py$|(Test|Tests|Spec)\.(java|kt|cs|php|scala|swift)$/,
  ],
  ["migration", /(^|\/)(migrations?|migrate|drizzle|alembic|flyway)\/|\.sql$/],
  [
    "spec",
    /(^|\/)(specs?|rfcs?|adr)\/|(^|\/)(openapi|swagger|asyncapi)[^/]*\.(ya?ml|json)$|\.(proto|graphql|gql|feature|avsc|xsd)$|\.schema\.json$/i,
  ],
  ["component", /(^|\/)components?\/|\.(tsx|jsx|vue|svelte|astro)$/],
  [
    "config",
    /(^|\/)(package(-lock)?\.json|[^/]*\.config\.[cm]?[jt]s|Dockerfile[^/]*|Makefile|\.[^/]+|[jt]sconfig[^/]*\.json|go\.(mod|sum)|Cargo\.(toml|lock)|requirements[^/]*\.txt)$|(^|\/)\.[^/]+\/|\.(ya?ml|toml|ini|cfg|conf|properties|lock|editorconfig)$/,
  ],
];

const PATH_MAX = 1_000;

export function artifactsFromDiff(files: readonly FileChange[]): OutputArtifact[] {
  return files
    .map(({ path, action }) => ({ path: path.toWellFormed(), action }))
    .filter(({ path }) => path !== "" && path.length <= PATH_MAX && !path.includes("\0"))
    .map(({ path, action }) => ({ type: artifactType(path), path, action }));
}

export function artifactType(path: string): OutputArtifact["type"] {
  return KINDS.find(([, pattern]) => pattern.test(path))?.[0] ?? "file";
}
