/** A changelog in the form of keepachangelog.com: where an entry goes, and what a new one looks like. Works on text only. */

const NEW = `# Changelog

All notable changes to this project are written down in this file.
The format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

## [Unreleased]
`;

const UNRELEASED = /^##\s+\[?unreleased\]?/i;
const SECTION = /^##\s/;
const CHANGED = /^###\s+changed\s*$/i;

/** The changelog (null: there is none yet) with `entry` on top of what has changed since the last release. */
export function withEntry(changelog: string | null, entry: readonly string[]): string {
  const text = changelog === null || changelog.trim() === "" ? NEW : changelog;
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  return `${inserted(lines, entry).join(end)}${end}`;
}

function inserted(lines: readonly string[], entry: readonly string[]): string[] {
  const unreleased = lines.findIndex((line) => UNRELEASED.test(line));
  if (unreleased === -1) return withSection(lines, entry);
  const next = lines.findIndex((line, at) => at > unreleased && SECTION.test(line));
  const section = lines.slice(unreleased, next === -1 ? lines.length : next);
  const changed = section.findIndex((line) => CHANGED.test(line));
  if (changed === -1) return spliced(lines, unreleased + 1, ["", "### Changed", "", ...entry]);
  const first = section.findIndex((line, at) => at > changed && line.trim() !== "");
  if (first === -1) return spliced(lines, unreleased + changed + 1, ["", ...entry]);
  return spliced(lines, unreleased + first, [...entry, ...(/^[-*+]\s/.test(section[first] ?? "") ? [] : [""])]);
}

/** Before the newest release, or at the end where there is none. */
function withSection(lines: readonly string[], entry: readonly string[]): string[] {
  const section = ["## [Unreleased]", "", "### Changed", "", ...entry];
  const first = lines.findIndex((line) => SECTION.test(line));
  return first === -1 ? [...lines, "", ...section] : spliced(lines, first, [...section, ""]);
}

function spliced(lines: readonly string[], at: number, added: readonly string[]): string[] {
  return [...lines.slice(0, at), ...added, ...lines.slice(at)];
}
