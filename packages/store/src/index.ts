/** The artifact store: files under their SHA-256, on disk or in an S3-compatible bucket. The only place that names flydrive or the AWS SDK; which contents are wanted is for its callers to say. */
export { isChecksum } from "./address.ts";
export { DamagedContent, isStoreAway, StoreFailed, StoreUnfit } from "./faults.ts";
export { openStore, type StoreOptions } from "./open.ts";
export type { S3Credentials } from "./s3.ts";
export type { ArtifactStore, Damage, Expected, Listed, OpenedContent, Received } from "./store.ts";
