/**
 * AWS Lambda: functions that really run, in sandboxes of the region's engine.
 *
 * <p>Built: zip functions for Python, Node.js, Java and custom runtimes; code from the request or from S3; versions,
 * aliases with weights, tags, resource policies, reserved concurrency and its throttling; synchronous and asynchronous
 * invocation with AWS's retries from a durable queue; warm environments, timeouts, crashes and out-of-memory in AWS's
 * shapes; logs in CloudWatch Logs. {@link dev.haneul.services.lambda.LambdaService} has one method per operation, the
 * classes beside it one weighty operation each, {@code code} the packages, {@code runtimes} the interpreters, and
 * {@code run} the environments.
 *
 * <p>Missing, and answered with NotImplemented: layers, extensions, container images, function URLs and response
 * streaming, event source mappings, destinations and dead-letter queues, provisioned concurrency, SnapStart, VPCs,
 * X-Ray, KMS keys, code signing, JSON logs. The architecture of a function is kept but not acted on: it runs on the
 * host's.
 *
 * <p>AWS pages followed: the Lambda API reference and developer guide, above all "Lambda execution environment
 * lifecycle", "Invoking a function asynchronously", "Lambda quotas", "Understanding Lambda function scaling".
 */
@NullMarked
package dev.haneul.services.lambda;

import org.jspecify.annotations.NullMarked;
