/** The completion script for bash. Our words are plain: commands, flags and choices need no quoting. */
import type { Node } from "./tree.ts";

export function bashScript(nodes: readonly Node[]): string {
  return `# Completion of baton for bash: source <(baton completion bash)
_baton() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" at="" words="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${paths(nodes)}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $before" in
${valueCases(nodes)}
  esac
  case "$at" in
${wordCases(nodes)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _baton baton
`;
}

const pattern = (path: readonly string[]) => `"${path.map((word) => ` ${word}`).join("")}"`;

function paths(nodes: readonly Node[]): string {
  return nodes
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => pattern(path))
    .join(" | ");
}

/** After an option that takes something: its choices, or whatever the shell knows, such as files. */
function valueCases(nodes: readonly Node[]): string {
  return nodes
    .flatMap(({ path, values }) =>
      values.map(({ flags, choices }) => {
        const patterns = flags.map((flag) => pattern([...path, flag])).join(" | ");
        const reply = choices.length === 0 ? "" : ` COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current"));`;
        return `    ${patterns})${reply} return ;;`;
      }),
    )
    .join("\n");
}

function wordCases(nodes: readonly Node[]): string {
  return nodes
    .map(({ path, commands, options, choices }) => {
      const words = [...commands.map(({ word }) => word), ...choices, ...options.map(({ word }) => word)];
      return `    ${pattern(path)}) words="${words.join(" ")}" ;;`;
    })
    .join("\n");
}
