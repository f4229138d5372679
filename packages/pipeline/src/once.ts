/** Idempotency: the same key and body give the first answer again. The key is written in the transaction of the change, so neither is there without the other. */
import { keepAnswer, keptAnswer, lockKey, type RequestKey } from "@baton/db";
import { ok, type Problem, type Result, refused } from "@baton/domain";
import { inTransaction, type Line } from "./line.ts";

export interface OnceRequest extends RequestKey {
  /** A hash of everything that makes the request: another one under the same key is refused. */
  request_hash: string;
}

export interface OnceAnswer {
  status: number;
  body: string;
}

/** Runs `verb` in one transaction with its key. Refusals write nothing and are not kept: the call may be repeated. */
export async function once(
  line: Line,
  request: OnceRequest,
  verb: (line: Line) => Promise<Result<OnceAnswer>>,
): Promise<Result<OnceAnswer & { replayed: boolean }>> {
  try {
    return await inTransaction(line, async (tx) => {
      if (!(await lockKey(tx.db, request))) throw new Refused(IN_PROGRESS.problem);
      const kept = await keptAnswer(tx.db, request);
      if (kept && kept.request_hash !== request.request_hash) throw new Refused(REUSED.problem);
      if (kept) return ok({ status: kept.status, body: kept.body, replayed: true });
      const answer = await verb(tx);
      if (!answer.ok) throw new Refused(answer.problem);
      await keepAnswer(tx.db, request, { ...answer.value, request_hash: request.request_hash });
      return ok({ ...answer.value, replayed: false });
    });
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.problem };
    throw error;
  }
}

const IN_PROGRESS = refused(
  "idempotency_in_progress",
  "A request with this Idempotency-Key is still running. Repeat it in a moment.",
  {
    retry_after_s: 1,
  },
);
const REUSED = refused("idempotency_key_reused", "This Idempotency-Key was used with another request. Use a new key.");

/** Carries a refusal out of the transaction, which must not commit anything then. */
class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}
