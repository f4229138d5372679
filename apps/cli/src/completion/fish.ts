/** The completion script for fish: one line for each word, under the commands before it. */
import type { Node } from "./tree.ts";

export function fishScript(nodes: readonly Node[]): string {
  const known = nodes.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(" ")));
  return `# Completion of baton for fish: baton completion fish | source
function __baton_at
  set -l known ${known.join(" ")}
  set -l at
  for word in (commandline -opc)[2..-1]
    if contains -- (string join ' ' $at $word) $known
      set -a at $word
    end
  end
  test (string join ' ' $at) = "$argv[1]"
end
complete -c baton -f
${nodes.flatMap(linesOf).join("\n")}
`;
}

function linesOf({ path, commands, options, values, choices }: Node): string[] {
  const here = `complete -c baton -n ${quoted(`__baton_at ${quoted(path.join(" "))}`)}`;
  const words = [...commands, ...choices.map((word) => ({ word, about: "" }))];
  return [
    ...words.map(({ word, about }) => `${here} -a ${quoted(word)} -d ${quoted(about)}`),
    ...options.map(({ word, about }) => {
      const value = values.find(({ flags }) => flags.includes(word));
      const flag = word.startsWith("--") ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
      const takes =
        value === undefined ? "" : value.choices.length > 0 ? ` -x -a ${quoted(value.choices.join(" "))}` : " -r -F";
      return `${here} ${flag}${takes} -d ${quoted(about)}`;
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
