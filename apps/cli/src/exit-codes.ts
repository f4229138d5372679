/** The exit codes of `baton`, after sysexits.h: one exhaustive map from what the API refuses. */
import type { ErrorCode } from "@baton/domain";

export const EXIT = {
  ok: 0,
  /** What was checked does not hold. */
  failed: 1,
  /** EX_USAGE: the command line itself. */
  usage: 64,
  /** EX_DATAERR: what was given in is not what it should be. */
  data: 65,
  /** EX_NOINPUT: there is no such file, task or run. */
  no_input: 66,
  /** EX_UNAVAILABLE: nobody answers. */
  unavailable: 69,
  /** EX_SOFTWARE: something is broken on the server's side. */
  broken: 70,
  /** EX_OSFILE: a program that is needed is not there, or is not let in where it has to be. */
  cannot_run: 72,
  /** EX_CANTCREAT: the output cannot be written. */
  cannot_write: 73,
  /** EX_TEMPFAIL: not now; the same again may work. */
  not_now: 75,
  /** EX_NOPERM: no token, or not with this one. */
  not_allowed: 77,
  /** EX_CONFIG: bad settings. */
  settings: 78,
  /** 128 + SIGINT: ended by a signal, with everything given back. */
  interrupted: 130,
} as const;

export const EXIT_OF: Record<ErrorCode, (typeof EXIT)[keyof typeof EXIT]> = {
  malformed_json: EXIT.data,
  invalid_request: EXIT.data,
  unauthenticated: EXIT.not_allowed,
  forbidden: EXIT.not_allowed,
  not_found: EXIT.no_input,
  method_not_allowed: EXIT.broken,
  request_timeout: EXIT.not_now,
  transition_not_allowed: EXIT.not_now,
  lease_held: EXIT.not_now,
  not_due: EXIT.not_now,
  run_closed: EXIT.not_now,
  claim_id_used: EXIT.not_now,
  conflict: EXIT.not_now,
  idempotency_in_progress: EXIT.not_now,
  lease_lost: EXIT.not_now,
  too_large: EXIT.data,
  unsupported_media_type: EXIT.data,
  checksum_mismatch: EXIT.data,
  too_many: EXIT.data,
  idempotency_key_reused: EXIT.data,
  contract_violated: EXIT.data,
  contract_invalid: EXIT.data,
  dependency_invalid: EXIT.data,
  rate_limited: EXIT.not_now,
  headers_too_large: EXIT.data,
  internal: EXIT.broken,
  unavailable: EXIT.unavailable,
  draining: EXIT.unavailable,
};
