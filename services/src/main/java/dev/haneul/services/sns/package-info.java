/**
 * Amazon SNS: topics and subscriptions as records; a publish is a parcel for each subscription that wants it, put into
 * {@code dev.haneul.delivery}'s queue by the transaction that acknowledges the publish, and handed over at least once.
 *
 * <p>Subscribers are SQS queues and Lambda functions. Filter policies on attributes and bodies are matched by AWS's own
 * event-ruler. FIFO topics number and de-duplicate messages and hand them over one after another for each queue; a message that
 * is retried may be overtaken.
 *
 * <p>Missing: http, https, email, sms, application and firehose subscriptions (refused as not implemented), message
 * signatures, phone numbers and platform endpoints, replay from archives, delivery status logs. Attributes about them are
 * kept and told. Followed: the SNS API reference and the Developer Guide's "Message filtering", "Message delivery retries".
 */
@NullMarked
package dev.haneul.services.sns;

import org.jspecify.annotations.NullMarked;
