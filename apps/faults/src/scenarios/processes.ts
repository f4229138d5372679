/** In the short form, all that happens to processes on one cluster: killed, frozen, asked to go, and runs paused and killed meanwhile. */
import { inTurn } from "../faults/act.ts";
import { underWork } from "../workload/under-work.ts";
import { freezing, LATE } from "./freeze.ts";
import { freezingDirectors } from "./frozen-directors.ts";
import { killing } from "./kill-9.ts";
import { pausing } from "./pause-kill.ts";
import { rolling } from "./rolling-sigterm.ts";

export const processes = underWork({
  name: "processes",
  promise: "kill -9, freezing, SIGTERM, pauses and kills of runs lose and double nothing",
  forms: ["short"],
  late: LATE,
  fault: inTurn(rolling, pausing, freezing, freezingDirectors, killing),
});
