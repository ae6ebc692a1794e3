/**
 * STS: sessions.
 *
 * <p>A session is kept nowhere. Its token holds everything (who it is, its secret, its policies and tags, when it ends),
 * encrypted under a key of the data folder, so that nobody can read or make one and a restart changes nothing. The
 * authorizer has checked permissions and trust policies before an operation here runs; what is left is to ask IAM for
 * the role and to keep the limits of durations, policies, tags and role chains.
 *
 * <p>One thing differs from AWS on purpose: the account's root may assume roles that trust its account, for the root key
 * is the one key everybody starts with here. Strangers whom an identity provider vouches for
 * come through {@link dev.haneul.services.sts.WebIdentity} and {@link dev.haneul.services.sts.SamlIdentity}; the role's
 * trust policy is asked for them in {@link dev.haneul.services.sts.FederatedRole}. Missing: encrypted SAML assertions,
 * OAuth tokens of ProviderId, the built-in providers (Google, Facebook, Amazon, Cognito identities). NotImplemented:
 * AssumeRoot (needs an organisation's root sessions), GetDelegatedAccessToken (a partner's flow), GetWebIdentityToken
 * (outbound federation is not built). Followed: the STS API reference, "Temporary security credentials in IAM".
 */
@NullMarked
package dev.haneul.services.sts;

import org.jspecify.annotations.NullMarked;
