/** Reads a project's repository_url: a folder on this machine, an address to clone from, or something that must never reach git. */
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

export type RepositoryPlace =
  | { kind: "local"; path: string }
  | { kind: "remote"; url: string }
  | { kind: "refused"; reason: string };

/** git@host:path. The host must not begin with "-": ssh would take it for an option. */
const SCP_LIKE = /^[\w.~+-]+@(?!-)[\w.-]+:(?!:)(?!-).+$/;
const SCHEMES = new Set(["https:", "ssh:"]);

export function placeOf(repository_url: string): RepositoryPlace {
  if (repository_url.startsWith("-")) return refused("begins with a dash");
  if (hasControls(repository_url)) return refused("contains control characters");
  if (isAbsolute(repository_url)) return { kind: "local", path: repository_url };
  if (/^[\w+.-]*::/.test(repository_url)) return refused("names a transport that can run programs");
  if (SCP_LIKE.test(repository_url)) return { kind: "remote", url: repository_url };
  if (!URL.canParse(repository_url)) return refused("is neither an absolute path nor an address");
  return placeOfUrl(new URL(repository_url), repository_url);
}

function placeOfUrl(url: URL, repository_url: string): RepositoryPlace {
  if (url.protocol === "file:") {
    return url.host === "" ? { kind: "local", path: fileURLToPath(url) } : refused("is a file address on another host");
  }
  if (!SCHEMES.has(url.protocol)) return refused(`uses ${url.protocol}// (allowed: https, ssh, file)`);
  if (url.hostname === "" || url.hostname.startsWith("-")) return refused("has no proper host");
  return { kind: "remote", url: repository_url };
}

function hasControls(text: string): boolean {
  return Array.from(text).some((character) => character < " " || character === "\u007f");
}

function refused(why: string): RepositoryPlace {
  return {
    kind: "refused",
    reason: `the project's repository_url ${why}: set it to an absolute path or an https or ssh address`,
  };
}
