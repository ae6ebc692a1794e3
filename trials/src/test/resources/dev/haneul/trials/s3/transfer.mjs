// The AWS SDK for JavaScript: parallel parts up, checksums checked on the way down, a stream, a listing in pages, a refusal.
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import assert from "node:assert";
import {
  CopyObjectCommand, CreateBucketCommand, DeleteBucketCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand,
  paginateListObjectsV2, PutObjectCommand, S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const s3 = new S3Client({ endpoint: process.env.AWS_ENDPOINT_URL, forcePathStyle: true, region: "us-east-1" });
const Bucket = "js-" + process.env.AWS_ACCESS_KEY_ID;
const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");
await s3.send(new CreateBucketCommand({ Bucket }));

const big = randomBytes((17 << 20) + 4711);
for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA256"]) {
  await new Upload({
    client: s3, partSize: 5 << 20, queueSize: 4, params: { Bucket, Key: "big", Body: Readable.from([big]), ChecksumAlgorithm },
  }).done();
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "big", ChecksumMode: "ENABLED" }));
  assert.equal(got.ContentLength, big.length);
  assert.equal(sha(await got.Body.transformToByteArray()), sha(big), ChecksumAlgorithm);
}
const part = await s3.send(new HeadObjectCommand({ Bucket, Key: "big", PartNumber: 4 }));
assert.equal(part.PartsCount, 4);
const range = await s3.send(new GetObjectCommand({ Bucket, Key: "big", Range: "bytes=6000000-6000099" }));
assert.deepEqual(Buffer.from(await range.Body.transformToByteArray()), big.subarray(6000000, 6000100));

const keys = ["a b+c%", "한글/하늘 😀", "..", "x&<>'\""].concat(Array.from({ length: 21 }, (_, i) => `k${i}`));
await Promise.all(keys.map((Key) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, Metadata: { key: "v" }, ContentType: "text/plain" }))));
for (const Key of keys.slice(0, 4)) {
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  assert.equal(await got.Body.transformToString(), Key);
  assert.deepEqual(got.Metadata, { key: "v" });
}
await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/${encodeURIComponent(keys[1])}` }));
const listed = [];
for await (const page of paginateListObjectsV2({ client: s3, pageSize: 7 }, { Bucket })) {
  listed.push(...(page.Contents ?? []).map((each) => each.Key));
}
assert.deepEqual([...listed].sort(), [...keys, "big", "copy"].sort());
await assert.rejects(
  s3.send(new PutObjectCommand({ Bucket, Key: "no", Body: "x", ACL: "public-read" })),
  (refused) => refused.name === "AccessControlListNotSupported" && refused.$metadata.httpStatusCode === 400);
await assert.rejects(s3.send(new GetObjectCommand({ Bucket, Key: "none" })), { name: "NoSuchKey" });
await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: listed.map((Key) => ({ Key })) } }));
await s3.send(new DeleteBucketCommand({ Bucket }));
console.log("ALL TRANSFERRED");
