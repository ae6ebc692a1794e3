/**
 * The instance metadata service: what an instance hears at 169.254.169.254.
 *
 * <p>{@link dev.haneul.services.ec2.metadata.Imds} decides as a function of the question and of what is known of the
 * asking instance; who listens, and tells which instance asks, is outside. Tokens are sealed, not kept, so that they
 * outlive a restart. Followed: the user guide's "Instance metadata and user data", its category reference, "Instance
 * identity documents" and "How Instance Metadata Service Version 2 works". The three signatures of the identity document
 * are made with one RSA key of the region, where AWS signs {@code pkcs7} with DSA.
 */
@NullMarked
package dev.haneul.services.ec2.metadata;

import org.jspecify.annotations.NullMarked;
