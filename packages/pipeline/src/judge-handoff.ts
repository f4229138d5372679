/** Judges a handoff that was looked at: refused with every problem at once, or let through with its warnings and its transfers. */
import type { Transfer } from "@baton/db";
import {
  checkHandoff,
  cutText,
  DEFAULT_CONTRACT,
  isStage,
  nextPlace,
  ok,
  type PacketDraft,
  type Place,
  type Result,
  refused,
  type Violation,
} from "@baton/domain";
import type { SeenHandoff } from "./look-at-handoff.ts";

export interface Warning {
  pointer: string;
  detail: string;
}

export interface KeptContract {
  version: number;
  warnings: Warning[];
  transfers: Transfer[];
}

const ERRORS_MAX = 200;
/** They ride along in the packet, which has little room for them. */
const WARNINGS_MAX = 50;
const WARNING_MAX = 200;

export function judgeHandoff(stage: Place, seen: SeenHandoff, packet: PacketDraft): Result<KeptContract> {
  const { contract, artifacts, packet_faults } = seen;
  const to = isStage(stage) ? nextPlace(stage) : stage;
  const next = to === "complete" ? null : (seen.next_contract ?? DEFAULT_CONTRACT);
  const violations = checkHandoff({ contract: contract.definition, next, packet, packet_faults, artifacts });
  const errors = violations.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return refusal(`from ${stage} to ${to}`, contract.version, errors);
  const warnings = violations.slice(0, WARNINGS_MAX).map(({ pointer, detail }) => ({
    pointer: cutText(pointer, WARNING_MAX),
    detail: cutText(detail, WARNING_MAX),
  }));
  return ok({ version: contract.version, warnings, transfers: transfersOf(seen) });
}

function refusal(edge: string, version: number, violations: readonly Violation[]) {
  const errors = violations.slice(0, ERRORS_MAX).map(({ pointer, detail }) => ({ pointer, detail }));
  const [first] = errors;
  const more = violations.length > 1 ? ` There are ${violations.length} problems; see errors.` : "";
  const asked = version === 0 ? "what every handoff must carry" : `version ${version} of its contract`;
  const detail = `The handoff ${edge} does not keep ${asked}: ${first?.pointer} ${first?.detail}.${more} The lease stays: mend it and complete again.`;
  return refused("contract_violated", cutText(detail, 4_000), { errors });
}

/** What is not whole does not go on, even where that is only worth a warning. */
function transfersOf({ contract, artifacts }: SeenHandoff): Transfer[] {
  return artifacts
    .filter(({ stored }) => stored === "intact")
    .map(({ id, name, checksum, document }) => {
      const asked = contract.definition.artifacts.some((wanted) => wanted.name === name && wanted.schema !== undefined);
      const valid = document?.ok === true && document.schema_faults.length === 0;
      return {
        artifact_id: id,
        transfer_checksum: checksum,
        contract_id: contract.id,
        schema_valid: asked ? valid : null,
      };
    });
}
