/** The command line as data, read from commander's own tree: what can follow each command. */
import type { Command } from "commander";

export interface Word {
  word: string;
  about: string;
}

export interface Node {
  /** The commands before it, e.g. `["run", "list"]`; none for the root. */
  path: string[];
  commands: Word[];
  options: Word[];
  /** What an option can be given; empty when that is anything. Only for options that take something. */
  values: { flags: string[]; choices: string[] }[];
  /** What its arguments can be, where that is a closed set. */
  choices: string[];
}

export function treeOf(command: Command, path: string[] = []): Node[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const options = help.visibleOptions(command);
  const node: Node = {
    path,
    commands: commands.map((one) => ({ word: one.name(), about: one.summary() || one.description() })),
    options: options.flatMap((one) => flagsOf(one).map((word) => ({ word, about: one.description }))),
    values: options
      .filter((one) => one.required || one.optional)
      .map((one) => ({ flags: flagsOf(one), choices: one.argChoices ?? [] })),
    choices: command.registeredArguments.flatMap((one) => one.argChoices ?? []),
  };
  return [node, ...commands.flatMap((one) => treeOf(one, [...path, one.name()]))];
}

function flagsOf({ short, long }: { short?: string | undefined; long?: string | undefined }): string[] {
  return [long, short].filter((flag) => flag !== undefined);
}
