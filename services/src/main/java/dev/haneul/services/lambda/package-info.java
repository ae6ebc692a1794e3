/**
 * AWS Lambda: functions that really run, in sandboxes of the region's engine.
 *
 * <p>Built: zip functions for Python, Node.js, Java and custom runtimes; code from the request or from S3; container
 * images from ECR and from OCI layouts; layers; extensions, with the Telemetry and Logs APIs;
 * versions, aliases with weights, tags, resource policies, reserved and provisioned concurrency and its throttling;
 * synchronous and asynchronous invocation with AWS's retries from a durable queue, destinations and dead-letter queues;
 * response streaming; function URLs; event source mappings of queues; networks that lead outside or into a VPC; warm environments, timeouts, crashes and
 * out-of-memory in AWS's shapes; logs in CloudWatch Logs, as text or JSON; variables encrypted with KMS keys; code signing
 * configurations; recursive loops stopped; tenants apart; SnapStart of Java versions; durable functions. {@link
 * dev.haneul.services.lambda.LambdaService} has one method per operation, the classes beside it one weighty operation
 * each, {@code code} the packages, {@code runtimes} the interpreters, and {@code run} the environments.
 *
 * <p>Missing, and answered with NotImplemented: event source mappings of streams and brokers, destinations that are
 * buckets, SnapStart of Python, IPv6 in VPCs, X-Ray and capacity providers. The architecture of a function is
 * kept but not acted on: it runs on the host's. Dead-letter messages carry ErrorCode as text, and to topics no attributes.
 *
 * <p>Other than AWS: nothing here signs code, so a configuration that enforces signatures refuses every package. SnapStart
 * keeps the classes a version's start loads and runs the start itself each time; hooks around a checkpoint are not called,
 * and reports tell an Init Duration. Loops are found through the trace header that callers and queues' messages carry; S3
 * and SNS do not hand it on. After a restart environments are taken over whose runtime and extensions knock again when
 * their server is gone: Haneul's own runtimes do, programs that give up (some official clients in images do) end, and
 * their environment with them once its invocation is over.
 *
 * <p>Durable functions: {@code DurableTables} is their state, {@code DurableLedger} one execution within a transaction,
 * {@code DurableRules} and {@code DurableUpdates} what a checkpoint may say and does; {@code DurableTimers}, {@code
 * DurableRuns} and {@code DurableChains} are woken by the change feed, invoke functions again when something they wait
 * for has come, and go on after a crash: an invocation that outlives the server is waited for, any other is made again.
 * A checkpoint is on disk when it is answered, and so is the end of an execution with what it tells the one that chained
 * it. Names are unique among a function's executions. Up to 3,000 operations, 100 MiB of checkpoints and (our bound)
 * 25,000 events an execution; 256 KiB a step, callback or context, 1 MiB a chained input or output, 6 MiB a result; nine
 * failed invocations in a row end it. What they come to is told: {@code DurableEvents} to the event bus, {@code
 * DurableMetrics} to CloudWatch, {@code DurableLetters} to the dead-letter queue of a function that was invoked
 * asynchronously; destinations they have none, as in AWS. Not there: KMS keys for their payloads (the API's model has no
 * member for them yet), callbacks from other accounts, and Lambda's managed policy checks of
 * runtimes. Deleting a function removes its executions at once, where AWS drains them. What a synchronous caller of an
 * execution that timed out or was stopped is told is our wording.
 *
 * <p>Networks: functions that are in a VPC use one of their subnets, chosen by the function's name; they reach the region's
 * own services without a route or an endpoint. Where no networks can be made, functions reach the region and nothing else,
 * and those with a VPC do not start.
 *
 * <p>AWS pages followed: the Lambda API reference and developer guide, above all "Lambda execution environment
 * lifecycle", "Invoking a function asynchronously", "Lambda quotas", "Understanding Lambda function scaling", "Lambda function
 * URLs", "Response streaming", "Managing Lambda dependencies with layers", "Using Lambda with Amazon SQS", "Configuring
 * provisioned concurrency", "Advanced logging controls", "Lambda durable functions", "Invoking durable Lambda functions",
 * "Monitoring durable functions", "Idempotency"; what its service answers to checkpoints, from AWS's durable execution SDKs
 * and their testing library.
 */
@NullMarked
package dev.haneul.services.lambda;

import org.jspecify.annotations.NullMarked;
