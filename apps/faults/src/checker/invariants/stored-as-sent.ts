/** I5: an accepted result is stored with the hash of what was sent, its findings and its cost; of a refused one nothing is stored. */
import { type Call, type Named, named } from "../../history/read.ts";
import type { Invariant, Life } from "../evidence.ts";
import { found, mayHaveHappened, verdictAt } from "../told.ts";

type Complete = Call<Named<"complete">>;
type Sent = Complete["operation"];

export const storedAsSent: Invariant = (calls, { lives }) => {
  const byTask = Map.groupBy(named(calls, "complete"), ({ operation }) => operation.task_id);
  const byId = new Map(lives.map((life) => [life.task.id, life]));
  const details = [...byTask].flatMap(([task_id, completes]) => {
    const life = byId.get(task_id);
    if (life === undefined) return [`results were sent for task ${task_id}, which is not there`];
    return completes.flatMap((call) =>
      (call.end.type === "ok" ? wrong(life, call) : []).concat(leftBehind(life, call, completes)),
    );
  });
  return found("accepted results are stored as sent", details);
};

const EVENT_OF = { pass: "passed", reject: "rejected" } as const;

function wrong(life: Life, { operation, end }: Complete): string[] {
  const { task_id, epoch, stage, packet, result } = operation;
  const which = `the ${stage} result of task ${task_id} under epoch ${epoch}`;
  const stored = verdictAt(life, epoch);
  if (stored === null) return [`${which} was accepted and is not there`];
  if (stored.packet === null) return [`${which} was accepted and its packet is not there`];
  if (stored.packet.hash !== packet) return [`${which} was accepted and is stored otherwise than it was sent`];
  const otherwise = besidesStored(life, operation, stored.packet.id);
  if (otherwise !== null)
    return [`${which} was accepted and its ${otherwise} are stored otherwise than they were sent`];
  // Without checks and with slight findings only, as in the workload, the verdict is what the agent says.
  const said = EVENT_OF[result];
  const told = end.type === "ok" && end.answer.verdict !== undefined ? EVENT_OF[end.answer.verdict] : said;
  return said === stored.type && told === stored.type
    ? []
    : [`${which} was sent as ${said}, answered as ${told} and is stored as ${stored.type}`];
}

/** What of it is not as it was sent. */
function besidesStored({ findings, attempts }: Life, { besides, epoch }: Sent, packet_id: string): string | null {
  if (besides === undefined) return null;
  const titles = findings.filter((finding) => finding.packet_id === packet_id).map(({ title }) => title);
  if (titles.toSorted().join("\n") !== besides.findings.toSorted().join("\n")) return "findings";
  const attempt = attempts.find((one) => one.epoch === epoch);
  const { tokens_in, tokens_out, cost_usd } = besides.usage;
  const same = attempt?.tokens_in === tokens_in && attempt.tokens_out === tokens_out && attempt.cost_usd === cost_usd;
  return same ? null : "costs";
}

/** Nothing of a refused result is stored, unless the same was said once more and that may have been taken. */
function leftBehind(life: Life, call: Complete, all: readonly Complete[]): string[] {
  if (mayHaveHappened(call)) return [];
  const { packet, epoch, stage } = call.operation;
  const taken = all.some((other) => other.operation.packet === packet && mayHaveHappened(other));
  if (taken || !isStored(life, call.operation)) return [];
  return [`the ${stage} result of task ${life.task.id} under epoch ${epoch} was refused and is stored`];
}

function isStored({ packets, findings, attempts }: Life, { packet, besides, epoch }: Sent): boolean {
  return (
    packets.some(({ hash }) => hash === packet) ||
    findings.some(({ title }) => besides?.findings.includes(title)) ||
    (besides !== undefined && attempts.some((one) => one.epoch === epoch && one.tokens_in === besides.usage.tokens_in))
  );
}
