/** Everything the bench compares: the ceiling first, by which the others are measured, then what they have to beat. */
import { batonOnPostgres, batonOnRedis } from "./baton.ts";
import type { Contender } from "./contender.ts";
import { ordinaryChain } from "./ordinary-chain.ts";
import { plainChain } from "./plain-chain.ts";

export const CONTENDERS: readonly Contender[] = [plainChain, ordinaryChain, batonOnRedis, batonOnPostgres];

/** Those that the ratios and the goals are about. */
export const PLAIN = plainChain.name;
export const ORDINARY = ordinaryChain.name;
export const BATON = batonOnRedis.name;

export function contenderCalled(name: string): Contender {
  const found = CONTENDERS.find((contender) => contender.name === name);
  if (found === undefined) throw new Error(`there is no contender ${name}`);
  return found;
}
