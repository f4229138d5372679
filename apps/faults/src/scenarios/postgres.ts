/** What may happen to Postgres: it is restarted, says nothing, is kept busy by a stranger, or its answers are lost. */
import { inTurn } from "../faults/act.ts";
import { cutAfterCommit } from "../faults/postgres/cut.ts";
import { heldOpen } from "../faults/postgres/held-open.ts";
import { frozen, unreachable } from "../faults/postgres/mute.ts";
import { restarts } from "../faults/postgres/restarts.ts";
import { underWork } from "../workload/under-work.ts";

export const postgresRestarts = underWork({
  forms: ["long"],
  name: "postgres-restarts",
  promise: "Postgres is ended at once again and again: nothing answered is lost, every process is back within 3 s",
  fault: inTurn(restarts, heldOpen),
});

export const postgresMute = underWork({
  forms: ["long"],
  name: "postgres-mute",
  promise: "Postgres is frozen and then unreachable: every request is answered, and all is well soon after",
  fault: inTurn(frozen, unreachable),
});

export const postgresCut = underWork({
  forms: ["long"],
  name: "postgres-cut",
  promise:
    "connections are cut between a commit and its answer: nothing is done twice, repetitions get the first answer",
  fault: inTurn(cutAfterCommit),
});
