/** What to call next after each refusal: one sentence for every error code, written for a model. */
import type { ErrorCode } from "@baton/domain";

const AGAIN = "Call the same tool again with the same arguments in a few seconds; a repeated call does no harm.";
const CORRECT = "Correct the arguments that are named above and call the same tool again.";
const OTHER_WORK = "Call task_claim for other work; this task comes back by itself when it is its turn.";
const ASK = "No call can succeed as it is: tell the person who set this server up.";

export const NEXT_CALL: Record<ErrorCode, string> = {
  malformed_json: CORRECT,
  invalid_request: CORRECT,
  unauthenticated: `${ASK} A valid Baton token is needed.`,
  forbidden: "Do not repeat it: this token may not do that. Call task_claim for stages that it may work in.",
  not_found:
    "Check the id. With a lease: lease_id is `work.lease.id` of task_claim's answer; if you hold none, call task_claim.",
  method_not_allowed: `${ASK} Server and tools are of different versions.`,
  request_timeout: AGAIN,
  transition_not_allowed: "Call task_context to see where the task stands, or task_claim for other work.",
  lease_held: "Another agent works on it. Call task_claim for other work.",
  not_due: OTHER_WORK,
  run_closed: "Call task_claim for other work. New tasks need another run.",
  claim_id_used: "Call task_claim with a new claim_id, or with none.",
  conflict: AGAIN,
  idempotency_in_progress: AGAIN,
  lease_lost: "Stop working on this task and throw away what is not handed in. Call task_claim for new work.",
  too_large:
    "Call it again with less: shorten summaries and logs, put long content into artifact_put, and upload files over 1 MB with HTTP PUT /api/leases/{lease_id}/artifacts/{name}?epoch={epoch}.",
  unsupported_media_type: CORRECT,
  checksum_mismatch: "Call artifact_put again with the whole content.",
  too_many: "Add no more of it. Call task_complete with what is there.",
  idempotency_key_reused: "Call it again with another call_id.",
  contract_violated:
    "You still hold the lease. Mend what is named above, with artifact_put or in `packet`, then call task_complete again.",
  contract_invalid:
    "No packet can keep this contract. Call task_block with kind needs_input and say so, then task_claim for other work.",
  dependency_invalid:
    "Correct depends_on: ids of tasks of the same run, without a circle. Then call task_create again.",
  rate_limited: "Wait as long as it says, then call the same tool again with the same arguments.",
  headers_too_large: ASK,
  internal: `${AGAIN} If it fails again, call task_release and tell the person who set this server up.`,
  unavailable: AGAIN,
  draining: AGAIN,
};
