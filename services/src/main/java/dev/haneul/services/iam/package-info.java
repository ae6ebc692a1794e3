/**
 * IAM: who there is, what they may do, and the decision whether a call may be made.
 *
 * <p>Control state is one record per user, group, role, managed policy, instance profile and access key ({@link
 * dev.haneul.services.iam.IamTables}). The operations are grouped by what they act on in interfaces that {@link
 * dev.haneul.services.iam.IamService} gathers. {@link dev.haneul.services.iam.IamAuthorizer} answers every call of
 * every service: it reads from data which actions an operation needs on which resources, gathers the policies that bear
 * on it and asks the evaluator of {@code kernel.policy}. {@link dev.haneul.services.iam.IamCredentials} knows users'
 * access keys.
 *
 * <p>What users prove themselves with beside access keys stands in {@link
 * dev.haneul.services.iam.CredentialTables}, identity providers and server certificates in {@link
 * dev.haneul.services.iam.ProviderTables}, who used what and when in {@link dev.haneul.services.iam.AccessTables}. The
 * codes of virtual MFA devices are taken once each, by {@link dev.haneul.services.iam.MfaFactors}.
 *
 * <p>IAM is global: records stand in an account and in no region. Differences: an OIDC provider on this machine may be
 * plain http; the password policy's AllowUsersToChangePassword is told and grants nothing by itself, a user needs
 * iam:ChangePassword; hardware MFA and passkeys are not there; what services do on a user's behalf is no access of
 * his; a report on accesses is done at once and tells of the services that are built into the region.
 *
 * <p>The simulator ({@link dev.haneul.services.iam.Simulation}) asks the evaluator that enforces. It knows of a request
 * what it is told and nothing else; what a caller is in real requests (its name, its tags) must be told too.
 *
 * <p>Secrets that must be read again (of access keys, MFA devices, private keys) lie sealed ({@link
 * dev.haneul.services.iam.Secrets}). NotImplemented, and why: the four Enable/DisableOrganizationsRoot… operations, ListOrganizationsFeatures,
 * Generate- and GetOrganizationsAccessReport (they need an organisation); Enable-, Disable- and
 * GetOutboundWebIdentityFederationInfo (nothing issues such tokens yet); the delegation requests and
 * GetHumanReadableSummary (a console's flows). Followed: the IAM API reference and User Guide; AWS-managed policies are
 * shipped by name, path and document, their creation dates are not AWS's.
 */
@NullMarked
package dev.haneul.services.iam;

import org.jspecify.annotations.NullMarked;
