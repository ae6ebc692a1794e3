/**
 * Amazon SNS: topics and subscriptions as records; a publish is a parcel for each subscription that wants it, put into
 * {@code dev.haneul.delivery}'s queue by the transaction that acknowledges the publish, and handed over at least once.
 *
 * <p>Subscribers are SQS queues, Lambda functions, web endpoints, mail addresses and phones. Web endpoints, mail addresses
 * and other accounts' queues and functions are asked first: their subscription waits up to 48 hours for the token to come
 * back, through ConfirmSubscription or the link, which anybody may visit who has it. What is told as JSON is signed (version
 * 1 or 2, as the topic says) with the region's key, which lies sealed in the store; its certificate is served at {@code
 * /SimpleNotificationService-ID.pem}. Links begin with the endpoint by which the publisher, or else the subscriber, called
 * the region. Web endpoints are tried as delivery policies say, in their four phases. Mails and text messages, which leave
 * AWS, are files below {@code mail} in the data folder, a folder for each address, the newest thousand of each.
 *
 * <p>Filter policies on attributes and bodies are matched by AWS's own event-ruler. FIFO topics number and de-duplicate
 * messages and hand them over one after another for each queue; a message that is retried may be overtaken.
 *
 * <p>Missing: application and firehose subscriptions, platform applications and endpoints, phone opt-outs and the SMS
 * sandbox, replay from archives, delivery status logs, throttling ({@code maxReceivesPerSecond} is kept and told), KMS keys
 * (kept and told). Followed: the SNS API reference and the Developer Guide's "Message filtering", "Message delivery
 * retries", "Verifying the signatures of messages", "HTTP/HTTPS notification JSON format".
 */
@NullMarked
package dev.haneul.services.sns;

import org.jspecify.annotations.NullMarked;
