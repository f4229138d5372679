/** The roll-up: when a run of a feature has passed a phase, what its tasks left is summed up and written as the feature's packet. Twice the same is never written, whoever looks. */
import {
  findRun,
  insertRollUp,
  lockFeature,
  outputsOf,
  packetsReached,
  packetsToSum,
  type Standing,
  toldOf,
} from "@baton/db";
import {
  approval,
  approvalOwed,
  type Joined,
  type Joining,
  join,
  joined,
  PHASES,
  type Phase,
  placesUntil,
  ROLLED_UP,
  ROLLED_UP_PHASES,
  type RolledUpPhase,
  rollUp,
  STAGES,
  type SummedPacket,
} from "@baton/domain";
import { type NewFeaturePacket, writeFeaturePacket } from "./feature-packets.ts";
import { inTransaction, type Line } from "./line.ts";

/** Writes what is owed for the run, in the order of the phases; gives how many packets. A killed run leaves nothing any more. */
export async function rollUpRun(line: Line, run: Standing): Promise<number> {
  if (run.state === "killed") return 0;
  let written = 0;
  for (const phase of ROLLED_UP_PHASES) {
    const behind = run.place !== null && placesUntil(phase).includes(run.place);
    if (!behind) written += await rollUpPhase(line, run, phase);
  }
  return written + (await rollUpApproval(line, run));
}

async function rollUpPhase(line: Line, run: Standing, phase: RolledUpPhase): Promise<number> {
  const stages = ROLLED_UP[phase];
  const mark = await packetsReached(line.db, run.id, stages, placesUntil(phase));
  if (mark <= ((await toldOf(line.db, run.id, phase))?.mark ?? 0)) return 0;
  const packets = await packetsToSum(line.db, run.id, stages);
  // The run moved in between: it is looked at again.
  if (packets.length !== mark) return 0;
  const outputs = await joinedOutputs(line, packets);
  return writeOnce(line, run, phase, async (tx) => {
    const last = await toldOf(tx.db, run.id, phase);
    if (last !== null && last.mark >= mark) return null;
    const told = { packets: last?.mark ?? 0, figures: last ?? NOTHING };
    return { mark, status: "completed", ...rollUp({ run, phase, packets, told, joined: outputs }) };
  });
}

const NOTHING = { duration_ms: 0, tokens_in: 0, tokens_out: 0, cost_usd: "0" };

async function rollUpApproval(line: Line, run: Standing): Promise<number> {
  if (approvalOwed(run, await toldOf(line.db, run.id, "approved")) === null) return 0;
  const outputs = await joinedOutputs(line, await packetsToSum(line.db, run.id, STAGES));
  return writeOnce(line, run, "approved", async (tx) => {
    const now = await findRun(tx.db, run.workspace_id, run.id);
    const last = await toldOf(tx.db, run.id, "approved");
    const mark = now && approvalOwed(now, last);
    return now && mark ? { mark, usage: {}, ...approval(now, last, outputs) } : null;
  });
}

/** Packets whose outputs are read at once: each may be large. */
const PORTION = 50;

async function joinedOutputs(line: Line, packets: readonly SummedPacket[]): Promise<Joined> {
  const ids = packets.map(({ id }) => id).reverse();
  const all: Joining = { artifacts: new Map(), decisions: new Map() };
  for (let start = 0; start < ids.length; start += PORTION) {
    join(all, await outputsOf(line.db, ids.slice(start, start + PORTION)));
  }
  return joined(all);
}

type Owed = Pick<NewFeaturePacket, "status" | "draft" | "usage" | "times"> & { mark: number };

/** The feature's lock is held while `owed` says what is still to be written: of two directors the second finds nothing. */
async function writeOnce(line: Line, run: Standing, phase: Phase, owed: (tx: Line) => Promise<Owed | null>) {
  return inTransaction(line, async (tx) => {
    const locked = await lockFeature(tx.db, run.workspace_id, run.feature_id);
    const packet = await owed(tx);
    if (locked === null || packet === null) return 0;
    const { mark, ...rest } = packet;
    const { agent, agent_type } = PHASES[phase];
    const written = await writeFeaturePacket(tx.db, locked.feature, {
      ...rest,
      ...{ phase, agent_id: agent, agent_type, agent_name: "Baton" },
      ...{ input_context: { run_id: run.id, run: run.name }, rejection_reason: null },
    });
    if (!written.ok) throw new Error(written.problem.detail);
    await insertRollUp(tx.db, { run_id: run.id, phase, mark, packet_id: written.value.packet.id });
    return 1;
  });
}
