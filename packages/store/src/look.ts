/** Reading what the store holds: one content, hashed again while it flows, or the list of all. */
import { pipeline } from "node:stream";
import type { Disk, DriveFile } from "flydrive";
import { checksumAt } from "./address.ts";
import { DamagedContent, failed, isMissing, orFailed } from "./faults.ts";
import { Rehash } from "./rehash.ts";
import type { Shelf } from "./shelf.ts";
import type { Damage, Listed, OpenedContent } from "./store.ts";

export async function openContent(disk: Disk, key: string, checksum: string): Promise<OpenedContent | null> {
  try {
    const { contentLength: size_bytes } = await disk.getMetaData(key);
    const source = await disk.getStream(key);
    const stream = new Rehash(checksum);
    // An error of the source ends the stream with it; a reader that goes away closes the file.
    source.once("error", (error: Error) => stream.destroy(failed("reading", error)));
    pipeline(source, stream, () => {});
    return { size_bytes, stream };
  } catch (error) {
    if (isMissing(error)) return null;
    throw failed("opening", error);
  }
}

type Verified = { ok: true; size_bytes: number } | { ok: false; damage: Damage };

export async function verifyContent(content: OpenedContent | null): Promise<Verified> {
  if (content === null) return { ok: false, damage: "missing" };
  let size_bytes = 0;
  try {
    for await (const chunk of content.stream) size_bytes += (chunk as Buffer).length;
    return { ok: true, size_bytes };
  } catch (error) {
    if (error instanceof DamagedContent) return { ok: false, damage: "changed" };
    if (isMissing(error)) return { ok: false, damage: "missing" };
    throw error;
  }
}

/** Page by page: there may be more than fit into memory. */
export async function* listContents({ disk, prefix, areas }: Shelf): AsyncGenerator<Listed> {
  for (const area of areas) {
    let paginationToken: string | undefined;
    do {
      const asked = { recursive: true, ...(paginationToken !== undefined && { paginationToken }) };
      const page = await orFailed("listing", () => disk.listAll(area, asked));
      for (const item of page.objects) {
        const found = item.isFile ? await lookAt(item, prefix) : null;
        if (found !== null) yield found;
      }
      paginationToken = page.paginationToken;
    } while (paginationToken !== undefined);
  }
}

async function lookAt(file: DriveFile, prefix: string): Promise<Listed | null> {
  const checksum = checksumAt(file.key, prefix);
  if (checksum === null) return null;
  try {
    const { lastModified } = await file.getMetaData();
    return { checksum, age_ms: Date.now() - lastModified.getTime() };
  } catch (error) {
    if (isMissing(error)) return null;
    throw failed("listing", error);
  }
}
