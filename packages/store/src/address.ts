/** Content addresses: `ab/cd/<sha256>`. A name that is no checksum never becomes a path. */

const CHECKSUM = /^[0-9a-f]{64}$/;

export function isChecksum(text: string): boolean {
  return CHECKSUM.test(text);
}

/** Throws for anything but a SHA-256 in lower-case hex: names come from the bytes, not from callers. */
export function addressOf(checksum: string): string {
  if (!isChecksum(checksum)) throw new Error("not a SHA-256 in lower-case hex");
  return `${checksum.slice(0, 2)}/${checksum.slice(2, 4)}/${checksum}`;
}

/** The checksum of the address that `key` is under `prefix`; null for whatever else lies in the store's place. */
export function checksumAt(key: string, prefix: string): string | null {
  const checksum = key.slice(key.lastIndexOf("/") + 1);
  return isChecksum(checksum) && key === prefix + addressOf(checksum) ? checksum : null;
}
