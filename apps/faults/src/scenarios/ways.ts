/** Bad ways between Baton's processes and their servers. */
import { inTurn } from "../faults/act.ts";
import { latency, resets, throttled } from "../faults/ways.ts";
import { underWork } from "../workload/under-work.ts";

export const badWays = underWork({
  forms: ["long"],
  name: "bad-ways",
  promise: "connections are reset every few seconds, bytes come late or trickle: work goes on and nothing is lost",
  fault: inTurn(resets, latency, throttled),
});
