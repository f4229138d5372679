/** Stores for tests, gone when the test or the file is over: on disk, and in a bucket of an S3 server in this process. */
export { filesIn, flipByte, folderForTest, storeForTest } from "./folder.ts";
export { type Bucket, startBucket } from "./s3.ts";
