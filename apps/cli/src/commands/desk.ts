/** What every command that calls the API is given: the way to the server, the way to the reader, and how it may end. */
import { type Client } from "@baton/client";
import { type Command, InvalidArgumentError } from "commander";
import { complaining } from "../complaint.ts";
import { connect } from "../connect.ts";
import { EXIT } from "../exit-codes.ts";
import { type Out, openOut } from "../out.ts";

export interface Desk {
  client: Client;
  out: Out;
}

/** A person waits for the answer: long enough for a restart of the server. */
const PATIENCE_MS = 10_000;

export interface JsonOption {
  json?: true;
}

/** `work` gives an exit code when it is not 0. */
export function atDesk(
  { json }: JsonOption,
  work: (desk: Desk) => Promise<number | undefined>,
  patience_ms = PATIENCE_MS,
): Promise<void> {
  return complaining(async () => {
    const client = await connect(patience_ms);
    return (await work({ client, out: openOut(process.stdout, json === true) })) ?? EXIT.ok;
  });
}

export function withJson(command: Command): Command {
  return command.option("--json", "answer as JSON, in the shape that the API gives");
}

/** For an option that may be given several times. */
export const several = (one: string, before: string[] = []): string[] => [...before, one];

/** For an option that is a whole number of a range. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}
