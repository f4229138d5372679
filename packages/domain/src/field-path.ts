/** Finding a field of a JSON value by its path: a JSON pointer (RFC 6901) or names joined by dots. */

/** As many parts as a path has; a path that begins with a slash is a pointer. */
export function partsOf(path: string): string[] {
  if (!path.startsWith("/")) return path.split(".");
  return path
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function pointerOf(parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** What lies there; undefined where there is nothing. Only own properties count. */
export function fieldAt(value: unknown, path: string): unknown {
  let at = value;
  for (const part of partsOf(path)) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}
