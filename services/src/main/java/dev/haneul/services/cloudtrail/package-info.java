/**
 * CloudTrail: every call of every service leaves an event, which can be looked up for ninety days and which trails
 * deliver.
 *
 * <p>{@link dev.haneul.services.cloudtrail.Recorder} hears of each call from the dispatcher, makes its event at once and
 * queues it; one step of the driver writes what is queued into storage segments, a log per account and region. Whoever
 * looks up or delivers events has the queue written first: what was ever shown is on disk. A crash loses at most the
 * events of the last moments before it.
 *
 * <p>Data events (objects, invocations, messages, items) are made and kept only where a logging trail's selectors ask for
 * them, and go to trails alone. Trails deliver every five minutes, digests every hour, by the region's clock.
 *
 * <p>Missing: Lake (event data stores, queries, imports, channels, dashboards), insights (selectors are kept; no insight
 * is found), organization trails, network activity events, the second event of a role assumed from another account,
 * encryption of delivered files under a KMS key (its id is kept and handed to S3). Followed: the CloudTrail API reference
 * and the user guide's pages on record contents, log file and digest file structure.
 */
@NullMarked
package dev.haneul.services.cloudtrail;

import org.jspecify.annotations.NullMarked;
