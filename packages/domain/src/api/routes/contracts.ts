/** Calls on contracts. */
import { Contract } from "../../contract.ts";
import * as contracts from "../contracts.ts";
import { get, put } from "../route.ts";
import { MAKERS, ONCE, ONE } from "./shared.ts";

const contract = { ...MAKERS, tag: "contracts" } as const;
const one = { ...contract, params: contracts.ContractParams } as const;

export const contractRoutes = {
  listContracts: get("/api/projects/:id/contracts", {
    ...contract,
    ...ONE,
    summary: "Look at what each handoff of a project must carry",
    answers: { 200: contracts.ContractList },
  }),
  getContract: get("/api/projects/:id/contracts/:from/:to", {
    ...one,
    summary: "Look at what a handoff must carry: the newest version",
    answers: { 200: contracts.ContractAnswer },
    refusals: ["not_found"],
  }),
  putContract: put("/api/projects/:id/contracts/:from/:to", {
    ...one,
    ...ONCE,
    summary: "Say what a handoff must carry: a new version, which holds for leases given from now on",
    body: Contract,
    answers: { 201: contracts.ContractAnswer },
    refusals: ["not_found", "contract_invalid"],
  }),
};
