/** What to do next after each refusal of the API: one exhaustive map over its error codes. */
import type { ErrorCode } from "@baton/domain";

const AGAIN = "try the same again in a moment";
const EXPLAIN = 'ask "baton task explain <task>" why';
const MEND = "mend what is named and send it again";
const LESS = "send less at once";

export const NEXT_STEP: Record<ErrorCode, string> = {
  malformed_json: MEND,
  invalid_request: MEND,
  unauthenticated: "set BATON_TOKEN to a token that is known, e.g. the one in .baton/admin-token",
  forbidden: "set BATON_TOKEN to a token whose role may",
  not_found: 'look it up with "baton run list", "baton run show <run>" or "baton project list"',
  method_not_allowed: "bring this program and the server to the same version",
  request_timeout: AGAIN,
  transition_not_allowed: EXPLAIN,
  lease_held: EXPLAIN,
  not_due: EXPLAIN,
  run_closed: 'look at it with "baton run show <run>"',
  claim_id_used: "claim again under a new claim_id",
  conflict: AGAIN,
  idempotency_in_progress: AGAIN,
  lease_lost: "stop working on it and claim again",
  too_large: LESS,
  unsupported_media_type: MEND,
  checksum_mismatch: "read the file again and send it anew",
  too_many: LESS,
  idempotency_key_reused: "take a new key",
  contract_violated: MEND,
  contract_invalid: MEND,
  dependency_invalid: MEND,
  rate_limited: "wait a minute",
  headers_too_large: LESS,
  internal: "look into the log of the API",
  unavailable: AGAIN,
  draining: AGAIN,
};
