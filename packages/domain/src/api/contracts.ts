/** Contracts on the wire: what each handoff of a project must carry. */
import { z } from "zod";
import { CONTRACT_EDGES, Contract } from "../contract.ts";
import { Id, listOf, PlaceName, StageName, Time } from "./fields.ts";

/** The path names one of the four handoffs of the line. */
export const ContractParams = z
  .strictObject({ id: Id, from: StageName, to: PlaceName })
  .refine((edge) => CONTRACT_EDGES.some(({ from, to }) => from === edge.from && to === edge.to), {
    path: ["to"],
    message: `there is a handoff ${CONTRACT_EDGES.map(({ from, to }) => `from ${from} to ${to}`).join(", ")}`,
  });
export type ContractParams = z.infer<typeof ContractParams>;

export const ContractView = z
  .object({
    project_id: Id,
    from: StageName,
    to: PlaceName,
    /** 0 for the one that ships with the product. */
    version: z.int(),
    definition: Contract,
    created_by: z.string().nullable(),
    created_at: Time.nullable(),
  })
  .meta({ id: "Contract" });
export type ContractView = z.infer<typeof ContractView>;

export const ContractAnswer = z.object({ contract: ContractView });
export type ContractAnswer = z.infer<typeof ContractAnswer>;
/** All four in force, in the order of the line. */
export const ContractList = listOf(ContractView);
export type ContractList = z.infer<typeof ContractList>;
