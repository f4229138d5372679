/** A stable 64-bit name for a list of texts (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/). Tells things apart; protects nothing. */

const PRIME = 0x100000001b3n;
const OFFSET = 0xcbf29ce484222325n;

export function fingerprint(parts: readonly string[]): string {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(parts.join("\u001f"))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  }
  return hash.toString(16).padStart(16, "0");
}
