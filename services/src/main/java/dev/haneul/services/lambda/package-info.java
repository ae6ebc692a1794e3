/**
 * AWS Lambda: functions that really run, in sandboxes of the region's engine.
 *
 * <p>Built: zip functions for Python, Node.js, Java and custom runtimes; code from the request or from S3; container
 * images from ECR and from OCI layouts; layers; extensions, with the Telemetry and Logs APIs;
 * versions, aliases with weights, tags, resource policies, reserved and provisioned concurrency and its throttling;
 * synchronous and asynchronous invocation with AWS's retries from a durable queue, destinations and dead-letter queues;
 * response streaming; function URLs; event source mappings of queues; networks that lead outside or into a VPC; warm environments, timeouts, crashes and
 * out-of-memory in AWS's shapes; logs in CloudWatch Logs, as text or JSON; variables encrypted with KMS keys; code signing
 * configurations; recursive loops stopped; tenants apart; SnapStart of Java versions. {@link
 * dev.haneul.services.lambda.LambdaService} has one method per operation, the classes beside it one weighty operation
 * each, {@code code} the packages, {@code runtimes} the interpreters, and {@code run} the environments.
 *
 * <p>Missing, and answered with NotImplemented: event source mappings of streams and brokers, destinations that are
 * buckets, SnapStart of Python, IPv6 in VPCs, X-Ray, capacity providers and durable functions. The architecture of a function is
 * kept but not acted on: it runs on the host's. Dead-letter messages carry ErrorCode as text, and to topics no attributes.
 *
 * <p>Other than AWS: nothing here signs code, so a configuration that enforces signatures refuses every package. SnapStart
 * keeps the classes a version's start loads and runs the start itself each time; hooks around a checkpoint are not called,
 * and reports tell an Init Duration. Loops are found through the trace header that callers and queues' messages carry; S3
 * and SNS do not hand it on. After a restart environments are taken over whose runtime and extensions knock again when
 * their server is gone: Haneul's own runtimes do, programs that give up (some official clients in images do) end, and
 * their environment with them once its invocation is over.
 *
 * <p>Networks: functions that are in a VPC use one of their subnets, chosen by the function's name; they reach the region's
 * own services without a route or an endpoint. Where no networks can be made, functions reach the region and nothing else,
 * and those with a VPC do not start.
 *
 * <p>AWS pages followed: the Lambda API reference and developer guide, above all "Lambda execution environment
 * lifecycle", "Invoking a function asynchronously", "Lambda quotas", "Understanding Lambda function scaling", "Lambda function
 * URLs", "Response streaming", "Managing Lambda dependencies with layers", "Using Lambda with Amazon SQS", "Configuring
 * provisioned concurrency", "Advanced logging controls".
 */
@NullMarked
package dev.haneul.services.lambda;

import org.jspecify.annotations.NullMarked;
