/** Keeps the lock file free of download addresses, so that it works with any registry, and every package in it checksummed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

/** Workspaces are links to folders, and bundled packages come inside another one: neither has a checksum of its own. */
function faultOf(path: string, locked: LockedPackage): string[] {
  if (!path.includes("node_modules/") || locked.link === true || locked.inBundle === true) return [];
  if (locked.resolved !== undefined) return [`${path} names a download address`];
  return locked.integrity === undefined ? [`${path} has no checksum`] : [];
}

export function faultsOf(lock: { readonly packages: Readonly<Record<string, LockedPackage>> }): string[] {
  return Object.entries(lock.packages).flatMap(([path, locked]) => faultOf(path, locked));
}

if (import.meta.main) {
  const lock = JSON.parse(readFileSync(join(import.meta.dirname, "../package-lock.json"), "utf8"));
  const faults = faultsOf(lock);
  console.log(faults.length === 0 ? "lock file: no addresses, all checksummed" : faults.join("\n"));
  process.exitCode = faults.length === 0 ? 0 : 1;
}
