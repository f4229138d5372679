/** I14: every artifact that was taken is there under its checksum and re-hashes; one that was refused is not. */
import { named } from "../../history/read.ts";
import type { Invariant } from "../evidence.ts";
import { found, mayHaveHappened } from "../told.ts";

export const artifactsHold: Invariant = (calls, { lives, damaged }) => {
  const stored = new Set(
    lives.flatMap(({ artifacts }) =>
      artifacts.map(({ lease_id, name, checksum }) => `${lease_id} ${name} ${checksum}`),
    ),
  );
  const put = Map.groupBy(
    named(calls, "artifact"),
    ({ operation: { lease_id, name, sha256 } }) => `${lease_id} ${name} ${sha256}`,
  );
  const details = [...put].flatMap(([which, tries]) => {
    const taken = tries.some(({ end }) => end.type === "ok");
    if (taken && !stored.has(which)) return [`${which} was taken and is not there`];
    return !tries.some(mayHaveHappened) && stored.has(which) ? [`${which} was refused and is there`] : [];
  });
  return found("every artifact re-hashes", [...details, ...(damaged ?? [])]);
};
