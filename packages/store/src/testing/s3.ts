/** A bucket of s3rver in this process: a stand-in for the outside world, which has S3 in many makes. It checks no checksums and few signatures; what we check ourselves is what is tested against it. */
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";

export interface Bucket {
  /** For `openStore`. */
  url: string;
  credentials: { access_key_id: string; secret_access_key: string };
  /** Where the server keeps the bucket's objects. */
  folder: string;
  stop(): Promise<void>;
}

export async function startBucket(prefix = "artifacts"): Promise<Bucket> {
  const directory = await mkdtemp(join(tmpdir(), "baton-s3-"));
  const server = new S3rver({
    ...{ port: 0, address: "127.0.0.1", silent: true, directory },
    configureBuckets: [{ name: "baton" }],
  });
  const { port } = (await server.run()) as AddressInfo;
  const endpoint = encodeURIComponent(`http://127.0.0.1:${port}`);
  return {
    url: `s3://baton/${prefix}?endpoint=${endpoint}&region=us-east-1`,
    // The only key that s3rver knows.
    credentials: { access_key_id: "S3RVER", secret_access_key: "S3RVER" },
    folder: join(directory, "baton"),
    stop: async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
