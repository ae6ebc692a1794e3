/**
 * Secrets Manager: secrets with versions and staging labels.
 *
 * <p>A value is sealed under a data key that KMS makes in the caller's name, with the secret's ARN and the version in the
 * encryption context: whoever reads a secret needs its key too. A rotation is a step kept in the secret's record and
 * taken by {@link dev.haneul.services.secretsmanager.Rotations}, which calls the function as {@code
 * secretsmanager.amazonaws.com}; a secret past its recovery window is removed the same way. Replicas are records of their
 * own, written with the primary.
 *
 * <p>Missing: managed rotation and external secrets, events to EventBridge, the checks of ValidateResourcePolicy beyond
 * form and public access. Followed: the API reference and the user guide's pages on versions, rotation by function,
 * replication and resource policies.
 */
@NullMarked
package dev.haneul.services.secretsmanager;

import org.jspecify.annotations.NullMarked;
