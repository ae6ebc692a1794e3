/**
 * Amazon S3.
 *
 * <p>A bucket is a row, an object is a row of its bucket's index, and its bytes are a content of the blob store: they are
 * on disk before the commit that names them, which takes and gives back references to contents along with the rows. So
 * an acknowledged object survives a kill, an unacknowledged one leaves nothing, copies and completed multipart uploads
 * share bytes instead of moving them, and whoever streams an object reads on when it is replaced. Listings are skip-scans
 * over the ordered index: a page costs the same in a bucket of ten keys and of a million.
 *
 * <p>Events are facts in the change feed, written by the commit that caused them. A reader of the feed matches them
 * against the bucket's notification configuration and tells functions, queues, topics and the bus, at least once and in
 * order; a destination that fails for a while is tried again on the side, one that is gone loses its events, as on AWS.
 *
 * <p>Who may do what is the authorizer's to decide, which is told of owners, bucket policies, and what access control
 * lists amount to as policies. Ownership is "bucket owner enforced" unless a bucket says otherwise, and then there are no
 * ACLs but the owner's full control. Bucket policies speak of objects that others own, too, which AWS's do not.
 *
 * <p>A bucket's configurations are kept as the documents that were put. CORS answers browsers; a website is a data plane
 * with host names of its own; lifecycle rules are carried out at midnight UTC, a page of a bucket a step; replication
 * leaves tasks with the commit that makes a version and copies as its role (no replica
 * modifications, no time control: metrics and events of it are not told; a replica of a multipart object has one part);
 * access logs (without refused permissions) and inventories (CSV) are delivered as the target's policy allows. What
 * buckets store is measured once a day (without the parts of unfinished uploads), requests where a metrics configuration
 * asks for it (without refused permissions; a latency ends with the first byte). Analytics, intelligent tiering and
 * transfer acceleration are kept and given back, and nothing else comes of them.
 *
 * <p>A bucket with versioning keeps what is not current, delete markers among it, in a table of its own, newest first.
 * Object lock guards single versions; MFA delete asks for a code of the root user's device (over plain HTTP too, which AWS
 * refuses; the texts for a wrong code and for a lifecycle are not AWS's for certain). Every object is encrypted on disk in blocks (AES-256-GCM): with one key of S3's own
 * (SSE-S3, which copies and parts share bytes under), with a data key from KMS that the caller must be allowed to use
 * (SSE-KMS, bucket keys; DSSE is recorded and encrypted once), or with the customer's (SSE-C, also over plain HTTP,
 * which AWS refuses). Archived objects become readable after the longest time AWS documents for the tier.
 *
 * <p>Not built, and refused as not implemented: inventories as ORC and Parquet, metadata tables, select and
 * torrents, access points and object lambda; what directory buckets alone have (sessions, RenameObject, appends,
 * conditions on size and time).
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html">the
 *     API reference</a>
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html">the user guide</a>
 */
@NullMarked
package dev.haneul.services.s3;

import org.jspecify.annotations.NullMarked;
