/**
 * Where functions run: environments, the Runtime API they are served by, and their log.
 *
 * <p>An {@link dev.haneul.services.lambda.run.Environment} is one workload with one runtime in it. It takes one
 * invocation at a time, over the Runtime API that {@link dev.haneul.services.lambda.run.RuntimeApi} answers at a door
 * inside the workload, and is kept by the {@link dev.haneul.services.lambda.run.Fleet} for the next invocation of the
 * same function. What a function prints goes to a file of its workload; it is read back around each invocation, framed
 * by the platform's START, END and REPORT lines and shipped to CloudWatch Logs in batches.
 *
 * <p>AWS pages followed: "Understanding the Lambda execution environment lifecycle", "Using the Lambda runtime API for
 * custom runtimes", "Sending Lambda function logs to CloudWatch Logs".
 */
@NullMarked
package dev.haneul.services.lambda.run;

import org.jspecify.annotations.NullMarked;
