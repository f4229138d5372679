/** The language of prompt templates: `{{variable}}`, and `{{#variable}}…{{/variable}}` for text that is shown only where there is something to show. Knows nothing of what the variables mean. */

type Piece = { text: string } | { variable: string; line: number };
type Node = Piece | { section: string; pieces: Piece[] };

/** A tag, or a brace that belongs to none. */
const TAG = /\{\{([#/]?)\s*([^{}\n]{0,100}?)\s*\}\}|\{\{|\}\}/g;

interface Reading {
  nodes: Node[];
  faults: string[];
  open: { name: string; line: number; pieces: Piece[] } | null;
}

export interface Template {
  nodes: Node[];
  /** What is wrong with it, one sentence each. */
  faults: string[];
}

export function readTemplate(source: string): Template {
  const reading: Reading = { nodes: [], faults: [], open: null };
  let at = 0;
  for (const match of source.matchAll(TAG)) {
    add(reading, { text: source.slice(at, match.index) });
    take(reading, match, lineAt(source, match.index));
    at = match.index + match[0].length;
  }
  add(reading, { text: source.slice(at) });
  const { nodes, faults, open } = reading;
  if (open !== null) faults.push(`line ${open.line}: {{#${open.name}}} is never closed`);
  return { nodes, faults };
}

function take(reading: Reading, [tag, sign, name]: RegExpExecArray, line: number): void {
  const { open, faults } = reading;
  if (name === undefined || name === "") faults.push(`line ${line}: ${tag} is not a variable: write {{name}}`);
  else if (sign === "") add(reading, { variable: name, line });
  else if (sign === "#") {
    if (open !== null) faults.push(`line ${line}: {{#${name}}} stands inside {{#${open.name}}}: sections do not nest`);
    else reading.open = { name, line, pieces: [] };
  } else if (open?.name !== name) faults.push(`line ${line}: {{/${name}}} closes nothing`);
  else {
    reading.nodes.push({ section: name, pieces: open.pieces });
    reading.open = null;
  }
}

function add({ open, nodes }: Reading, piece: Piece): void {
  (open?.pieces ?? nodes).push(piece);
}

function lineAt(source: string, index: number): number {
  return source.slice(0, index).split("\n").length;
}

/** What a template must and may name. */
export interface Vocabulary {
  allowed: readonly string[];
  required: readonly string[];
}

/** What is wrong with a template, one sentence each; nothing when it can be saved. */
export function templateFaults(source: string, { allowed, required }: Vocabulary): string[] {
  const { nodes, faults } = readTemplate(source);
  if (faults.length > 0) return faults;
  const named = nodes.flatMap((node) =>
    "section" in node ? [node.section, ...namesIn(node.pieces)] : namesIn([node]),
  );
  const unknown = [...new Set(named)].filter((name) => !allowed.includes(name));
  // Inside another's section it may not be shown.
  const shown = nodes.flatMap((node) =>
    "section" in node ? namesIn(node.pieces).filter((name) => name === node.section) : namesIn([node]),
  );
  return [
    ...unknown.map((name) => `{{${name}}} is not a variable here: there are ${allowed.join(", ")}`),
    ...required.filter((name) => !shown.includes(name)).map((name) => `{{${name}}} is missing`),
  ];
}

function namesIn(pieces: readonly Piece[]): string[] {
  return pieces.flatMap((piece) => ("variable" in piece ? [piece.variable] : []));
}

/** Fills a template in one pass: what `valueOf` gives is never read as a template. Gaps that empty values leave are closed. */
export function fillTemplate({ nodes }: Template, valueOf: (name: string) => string): string {
  let filled = "";
  const write = (piece: Piece) => {
    filled += "variable" in piece ? valueOf(piece.variable) : withoutGap(filled, piece.text);
  };
  for (const node of nodes) {
    if (!("section" in node)) write(node);
    else if (valueOf(node.section) !== "") node.pieces.forEach(write);
  }
  return filled.trimEnd();
}

/** At most one empty line where two texts meet. */
function withoutGap(before: string, text: string): string {
  let room = before === "" ? 0 : 2;
  for (let at = before.length - 1; room > 0 && before[at] === "\n"; at -= 1) room -= 1;
  const [gap = ""] = /^\n*/.exec(text) ?? [];
  return text.slice(Math.max(0, gap.length - room));
}
