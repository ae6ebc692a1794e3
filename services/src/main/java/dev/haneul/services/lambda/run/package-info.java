/**
 * Where functions run: environments, the Runtime API they are served by, and their log.
 *
 * <p>An {@link dev.haneul.services.lambda.run.Environment} is one workload with one runtime in it. It takes one
 * invocation at a time, over the Runtime API that {@link dev.haneul.services.lambda.run.RuntimeApi} answers at a door
 * inside the workload, and is kept by the {@link dev.haneul.services.lambda.run.Fleet} for the next invocation of the
 * same function. What a function prints goes to a file of its workload; it is read back around each invocation, framed
 * by the platform's START, END and REPORT lines and shipped to CloudWatch Logs in batches.
 *
 * <p>A cold start seldom boots: {@link dev.haneul.services.lambda.run.Standbys} keeps runtimes that were booted before
 * their function was known, a few of each kind that was wanted lately; it boots them when nothing else starts. One of them waits at its gate, a named pipe; the
 * function's code is mounted into its namespace, its variables are told through the pipe, and from then on it is the
 * environment of that function and of no other. Functions whose variables an interpreter reads when it starts, and hosts
 * where nothing can be mounted into a running sandbox, boot as ever.
 *
 * <p>Extensions run beside the runtime: {@link dev.haneul.services.lambda.run.ExtensionPrograms} is the first process of
 * an environment that has any, {@link dev.haneul.services.lambda.run.Extensions} the conversation with them, and {@link
 * dev.haneul.services.lambda.run.Telemetry} tells them what happens, at listeners of their own within the environment. An
 * environment has started, and is done with an invocation, when they all wait for the next event.
 *
 * <p>Environments outlive the server. Each has a {@link dev.haneul.services.lambda.run.Passport}, a small file that says
 * whose it is, what it works on and how far its log has come; {@link dev.haneul.services.lambda.run.Adoption} reads it
 * after a restart, opens the doors again, and the runtime, which has been knocking, goes on: warm, or with the answer to
 * the invocation it was given. Our Python and Node.js runtimes knock for up to 15 minutes, and so does what we put before
 * AWS's Java client; a custom runtime as long as its own client does. The log is complete; what was sent in the moment of the kill may stand in it twice.
 *
 * <p>AWS pages followed: "Understanding the Lambda execution environment lifecycle", "Using the Lambda runtime API for
 * custom runtimes", "Sending Lambda function logs to CloudWatch Logs".
 */
@NullMarked
package dev.haneul.services.lambda.run;

import org.jspecify.annotations.NullMarked;
