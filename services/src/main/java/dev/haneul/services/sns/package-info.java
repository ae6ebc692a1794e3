/**
 * Amazon SNS: topics and subscriptions as records; a publish is a parcel for each subscription that wants it, put into
 * {@code dev.haneul.delivery}'s queue by the transaction that acknowledges the publish, and handed over at least once.
 *
 * <p>Subscribers are SQS queues, Lambda functions, web endpoints, mail addresses and phones. Web endpoints, mail addresses
 * and other accounts' queues and functions are asked first: their subscription waits up to 48 hours for the token to come
 * back, through ConfirmSubscription or the link, which anybody may visit who has it. What is told as JSON is signed (version
 * 1 or 2, as the topic says) with the region's key, which lies sealed in the store; its certificate is served at {@code
 * /SimpleNotificationService-ID.pem}. Links begin with the endpoint by which the publisher, or else the subscriber, called
 * the region. Web endpoints are tried as delivery policies say, in their four phases. Mails, text messages and pushes to
 * platform endpoints, which leave AWS, are files below {@code mail} in the data folder, a folder for each address, the
 * newest thousand of each; a file named STOP there is the phone's answer that it opts out. How deliveries end is told to
 * the log groups that a topic's feedback roles may write to, and counted in AWS/SNS.
 *
 * <p>Filter policies on attributes and bodies are matched by AWS's own event-ruler. FIFO topics number and de-duplicate
 * messages and hand them over one after another for each queue; a message that is retried may be overtaken.
 *
 * <p>Missing: firehose subscriptions, events of platform applications, origination numbers, replay from archives,
 * throttling ({@code maxReceivesPerSecond} is kept and told). Publishers need the KMS key of a topic that has one, but what
 * waits for a subscriber lies unsealed in the store. Followed: the SNS API reference and the Developer Guide's "Message
 * filtering", "Message delivery retries", "Message delivery status", "Verifying the signatures of messages", "HTTP/HTTPS
 * notification JSON format", "Mobile push notifications".
 */
@NullMarked
package dev.haneul.services.sns;

import org.jspecify.annotations.NullMarked;
