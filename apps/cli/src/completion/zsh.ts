/** The completion script for zsh: words with what they are about. */
import type { Node, Word } from "./tree.ts";

export function zshScript(nodes: readonly Node[]): string {
  return `#compdef baton
# Completion of baton for zsh: source <(baton completion zsh), or as _baton in a folder of $fpath
_baton() {
  local at="" before="\${words[CURRENT-1]}" i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      ${paths(nodes)}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at $before" in
${valueCases(nodes)}
  esac
  case "$at" in
${wordCases(nodes)}
  esac
  _describe -t words baton found
}
if [[ $funcstack[1] == _baton ]]; then _baton "$@"; else compdef _baton baton; fi
`;
}

const pattern = (path: readonly string[]) => `"${path.map((word) => ` ${word}`).join("")}"`;

function paths(nodes: readonly Node[]): string {
  return nodes
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => pattern(path))
    .join(" | ");
}

function valueCases(nodes: readonly Node[]): string {
  return nodes
    .flatMap(({ path, values }) =>
      values.map(({ flags, choices }) => {
        const patterns = flags.map((flag) => pattern([...path, flag])).join(" | ");
        return `    ${patterns}) ${choices.length === 0 ? "_files" : `compadd -- ${choices.join(" ")}`}; return ;;`;
      }),
    )
    .join("\n");
}

function wordCases(nodes: readonly Node[]): string {
  return nodes
    .map(({ path, commands, options, choices }) => {
      const words = [...commands, ...choices.map((word) => ({ word, about: "" })), ...options].map(described);
      return `    ${pattern(path)}) found=(${words.join(" ")}) ;;`;
    })
    .join("\n");
}

/** A colon parts the word from what it is about. */
function described({ word, about }: Word): string {
  const text = about === "" ? word : `${word}:${about.replaceAll(":", "\\:")}`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
