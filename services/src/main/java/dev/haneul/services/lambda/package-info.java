/**
 * AWS Lambda: functions that really run, in sandboxes of the region's engine.
 *
 * <p>Built: zip functions for Python, Node.js, Java and custom runtimes; code from the request or from S3; container
 * images from OCI layouts; layers; extensions, with the Telemetry and Logs APIs;
 * versions, aliases with weights, tags, resource policies, reserved and provisioned concurrency and its throttling;
 * synchronous and asynchronous invocation with AWS's retries from a durable queue, destinations and dead-letter queues;
 * response streaming; function URLs; event source mappings of queues; warm environments, timeouts, crashes and
 * out-of-memory in AWS's shapes; logs in CloudWatch Logs, as text or JSON; variables encrypted with KMS keys; code signing
 * configurations; recursive loops stopped; tenants apart; SnapStart of Java versions. {@link
 * dev.haneul.services.lambda.LambdaService} has one method per operation, the classes beside it one weighty operation
 * each, {@code code} the packages, {@code runtimes} the interpreters, and {@code run} the environments.
 *
 * <p>Missing, and answered with NotImplemented: event source mappings of streams and brokers, destinations that are
 * buckets, SnapStart of Python, VPCs, X-Ray, capacity providers and durable functions. The architecture of a function is
 * kept but not acted on: it runs on the host's. Dead-letter messages carry ErrorCode as text, and to topics no attributes.
 *
 * <p>Other than AWS: nothing here signs code, so a configuration that enforces signatures refuses every package. SnapStart
 * keeps the classes a version's start loads and runs the start itself each time; hooks around a checkpoint are not called,
 * and reports tell an Init Duration. Loops are found through the trace header that callers and queues' messages carry; S3
 * and SNS do not hand it on. Environments with extensions are not taken over after a restart, but end once their
 * invocation is over.
 *
 * <p>AWS pages followed: the Lambda API reference and developer guide, above all "Lambda execution environment
 * lifecycle", "Invoking a function asynchronously", "Lambda quotas", "Understanding Lambda function scaling", "Lambda function
 * URLs", "Response streaming", "Managing Lambda dependencies with layers", "Using Lambda with Amazon SQS", "Configuring
 * provisioned concurrency", "Advanced logging controls".
 */
@NullMarked
package dev.haneul.services.lambda;

import org.jspecify.annotations.NullMarked;
