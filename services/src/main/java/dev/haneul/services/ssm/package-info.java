/**
 * Systems Manager, of which the Parameter Store is built, and Session Manager in a room of its own.
 *
 * <p>A parameter is a record, and each of its versions another. Secure strings are encrypted by KMS in the caller's name:
 * whoever puts or reads one needs the key too. Values beyond KMS's limit are sealed under a data key of their own.
 * Parameters under {@code /aws/service/} come from {@link dev.haneul.services.ssm.PublicParameters}. Expiration policies
 * are kept by the region's clock.
 *
 * <p>Missing: notification policies are kept and send nothing, {@code aws:ec2:image} values are not checked, shared
 * parameters and resource policies, throughput settings; everything of Systems Manager that is neither parameter nor session. Followed: the
 * API reference and the user guide's Parameter Store pages.
 */
@NullMarked
package dev.haneul.services.ssm;

import org.jspecify.annotations.NullMarked;
