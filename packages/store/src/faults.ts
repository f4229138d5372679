/** What can be wrong with the store or with what lies in it. Refusals of a caller's bytes are values, not these. */

/** The disk is full, the bucket does not answer: nothing is known about what it did, and it may work later. */
export class StoreFailed extends Error {
  override name = "StoreFailed";
}

/** The store's settings cannot be used: trying again does not help. */
export class StoreUnfit extends Error {
  override name = "StoreUnfit";
}

/** What lies under a content address is not what was put there. */
export class DamagedContent extends Error {
  override name = "DamagedContent";
  readonly checksum: string;

  constructor(checksum: string) {
    super(`the content of ${checksum} is damaged`);
    this.checksum = checksum;
  }
}

export function isStoreAway(error: unknown): boolean {
  return error instanceof StoreFailed;
}

/** The work's value; what it throws is the store's failure, with what happened in words that name no content. */
export async function orFailed<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failed(doing, error);
  }
}

export function failed(doing: string, error: unknown): Error {
  if (error instanceof StoreFailed || error instanceof DamagedContent) return error;
  return new StoreFailed(`the artifact store failed while ${doing} (${reasonOf(error)})`, { cause: error });
}

/** The innermost code or name: libraries wrap what happened, and quote paths. */
function reasonOf(error: unknown): string {
  let reason = "unknown";
  for (let at = error; at instanceof Error; at = at.cause) {
    reason = "code" in at && typeof at.code === "string" ? at.code : at.name;
  }
  return reason;
}

/** True when a library says, in whatever wrapping, that there is no such file. */
export function isMissing(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && at.code === "ENOENT") return true;
    if (at.name === "NoSuchKey" || at.name === "NotFound") return true;
  }
  return false;
}
