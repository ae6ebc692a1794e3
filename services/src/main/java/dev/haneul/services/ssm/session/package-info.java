/**
 * Session Manager: StartSession gives out a session, a stream's address and a token; the client opens a WebSocket there,
 * shows the token, and talks with a program in a container or on an instance.
 *
 * <p>{@code Sessions} is the API and the record, {@code DataChannels} the door, {@code LiveSession} one session's life,
 * {@code DataStream} what makes the channel reliable, {@code AgentMessage} a message in bytes. A token is sealed to its
 * session, lives for two minutes and opens the channel once; ResumeSession gives another, for a client that lost its
 * connection. A session ends with its program, by the client, by TerminateSession, after twenty silent minutes, and with
 * the server: what an earlier one left is told as Terminated and runs no more.
 *
 * <p>Documents: SSM-SessionManagerRunShell (also where none is named), AWS-StartInteractiveCommand,
 * AWS-StartNonInteractiveCommand, and ECS's own. Missing: port forwarding and SSH, session preferences
 * (a document of one's own), encryption by a KMS key.
 *
 * @see <a href="https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html">Session Manager</a>
 */
@NullMarked
package dev.haneul.services.ssm.session;

import org.jspecify.annotations.NullMarked;
