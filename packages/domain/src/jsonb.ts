/**
 * JSON text as Postgres prints a `jsonb` value, so that both sides hash the same bytes: keys by length and then by bytes,
 * a space after comma and colon, numbers without an exponent.
 * Source: https://www.postgresql.org/docs/current/datatype-json.html
 */

const utf8 = new TextEncoder();

/** `value` is what `JSON.parse` gives. */
export function jsonbText(value: unknown): string {
  if (typeof value === "number") return plainNumber(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(", ")}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const ordered = entries.toSorted(([a], [b]) => byLengthThenBytes(utf8.encode(a), utf8.encode(b)));
  return `{${ordered.map(([key, item]) => `${JSON.stringify(key)}: ${jsonbText(item)}`).join(", ")}}`;
}

function byLengthThenBytes(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** The shortest digits that name the number, written out: `1e-7` is 0.0000001. */
function plainNumber(value: number): string {
  const [digits = "", exponent] = JSON.stringify(value).split("e");
  if (exponent === undefined) return digits;
  const sign = digits.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = digits.slice(sign.length).split(".");
  const point = whole.length + Number(exponent);
  const all = `${whole}${fraction}`;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${all}`;
  const padded = all.padEnd(point, "0");
  return padded.length === point ? `${sign}${padded}` : `${sign}${padded.slice(0, point)}.${padded.slice(point)}`;
}
