/** What a call looks at before its transaction begins: files and threads take their time, and no transaction must wait for them. What was seen rides along in the input. */
import type { RouteName } from "@baton/domain/api";
import type { Line, Principal } from "@baton/pipeline";
import * as pipeline from "@baton/pipeline";
import type { Input } from "./handlers.ts";

type Look<N extends RouteName> = (line: Line, who: Principal, input: Input<N>) => Promise<object>;

const LOOKS: { [N in RouteName]?: Look<N> } = {
  complete: async (line, who, { id, result, packet }) => (result === "pass" ? seen(line, who, id, packet) : {}),
  completeHandoff: async (line, who, { id, packet }) => {
    const found = await pipeline.getHandoff(line, who, { id });
    const lease_id = found.ok ? found.value.handoff.lease_id : null;
    return lease_id === null ? {} : seen(line, who, lease_id, packet);
  },
  putContract: async (_line, _who, { id: _id, from: _from, to: _to, ...definition }) => ({
    checked: await pipeline.checkContract(definition),
  }),
};

/** A lease that is not there, or not the caller's, is left for the verb to refuse. */
async function seen(line: Line, who: Principal, lease_id: string, packet: Input<"complete">["packet"]) {
  const handoff = await pipeline.lookAtOwnHandoff(line, who, { lease_id, packet });
  return handoff === null ? {} : { seen: handoff };
}

export async function lookBefore(line: Line, name: RouteName, who: Principal | null, input: object): Promise<object> {
  const look = LOOKS[name] as ((line: Line, who: Principal, input: never) => Promise<object>) | undefined;
  return look === undefined || who === null ? {} : look(line, who, input as never);
}
