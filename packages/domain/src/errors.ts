/** The closed set of error codes, each with its HTTP status and title. The maps to exit codes and MCP text are exhaustive over the same set. */

export const ERRORS = {
  malformed_json: { status: 400, title: "The body is not JSON" },
  invalid_request: { status: 400, title: "The request does not match the schema" },
  unauthenticated: { status: 401, title: "A token is needed" },
  forbidden: { status: 403, title: "The token's role does not allow this" },
  not_found: { status: 404, title: "Not found" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  request_timeout: { status: 408, title: "The request took too long to arrive" },
  transition_not_allowed: { status: 409, title: "The task does not allow this now" },
  lease_held: { status: 409, title: "An agent holds the task" },
  not_due: { status: 409, title: "The task is due later" },
  run_closed: { status: 409, title: "The run does not allow this in its state" },
  claim_id_used: { status: 409, title: "The claim_id belongs to an ended lease" },
  conflict: { status: 409, title: "Somebody else changed it at the same moment" },
  idempotency_in_progress: { status: 409, title: "A request with this Idempotency-Key is still running" },
  lease_lost: { status: 410, title: "The lease is lost: stop working, nothing was changed" },
  too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The media type is not supported" },
  checksum_mismatch: { status: 422, title: "The bytes that arrived are not the ones announced" },
  too_many: { status: 422, title: "There are as many as there may be" },
  idempotency_key_reused: { status: 422, title: "The Idempotency-Key was used with another body" },
  contract_violated: { status: 422, title: "The handoff does not keep its contract: mend it, the lease stays" },
  contract_invalid: { status: 422, title: "The contract cannot be kept by anybody" },
  dependency_invalid: { status: 422, title: "The dependencies cannot be met" },
  rate_limited: { status: 429, title: "Too many requests" },
  headers_too_large: { status: 431, title: "The headers are too large" },
  internal: { status: 500, title: "Something is broken on our side" },
  unavailable: { status: 503, title: "The database does not answer" },
  draining: { status: 503, title: "The server is shutting down" },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal: an expected "no" that says what to do. Returned as a value by the verbs, never thrown. */
export interface Problem {
  code: ErrorCode;
  detail: string;
  /** Where in the request, as JSON pointers. */
  errors?: { pointer: string; detail: string }[];
  /** Commands that are allowed instead. */
  allowed?: readonly string[];
  holder?: { agent_id: string; last_heartbeat_at: string; alive: boolean };
  retry_after_s?: number;
}

export type Result<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export function ok<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function refused(code: ErrorCode, detail: string, more: Omit<Problem, "code" | "detail"> = {}) {
  return { ok: false as const, problem: { code, detail, ...more } };
}
