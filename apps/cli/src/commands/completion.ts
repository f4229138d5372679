/** `baton completion`: a script that teaches a shell the commands, made from the commands themselves. */
import { Argument, type Command } from "commander";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { type Node, treeOf } from "../completion/tree.ts";
import { zshScript } from "../completion/zsh.ts";
import { print } from "../output.ts";

const SCRIPTS: Record<"bash" | "zsh" | "fish", (nodes: readonly Node[]) => string> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export function addCompletionCommand(baton: Command): void {
  baton
    .command("completion")
    .description("a completion script: source <(baton completion bash)")
    .addArgument(new Argument("<shell>", "for which shell").choices(Object.keys(SCRIPTS)))
    .action((shell: keyof typeof SCRIPTS) => {
      print(SCRIPTS[shell](treeOf(baton)));
    });
}
