/**
 * Key Management Service: keys with real cryptography, from the JDK and BouncyCastle.
 *
 * <p>Key material is on disk only sealed under the data folder's key, and in memory only while it is used. A ciphertext
 * names its key and the material it was made with, so that it opens after rotations and, under multi-region keys, in
 * every region of the key. A key's policy rules over it, also within its account; grants count as statements added to
 * that policy. What happens at a moment of the region's clock (rotation, deletion, expiry of imported material) is done
 * by {@link dev.haneul.services.kms.Keeper}.
 *
 * <p>Missing: custom key stores, Nitro attestation ({@code Recipient} is refused), Ed25519ph and external-mu signatures,
 * SM2, XKS, request quotas. Followed: the KMS API reference and the developer guide's pages on key states, key specs,
 * grants, rotation and importing key material.
 */
@NullMarked
package dev.haneul.services.kms;

import org.jspecify.annotations.NullMarked;
