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
 * <p>IAM is global: records stand in an account and in no region. Missing still: login profiles, MFA devices, OIDC and
 * SAML providers, server certificates, credential and access reports, password policy. Followed: the IAM API reference
 * and User Guide; AWS-managed policies are shipped by name, path and document, their creation dates are not AWS's.
 */
@NullMarked
package dev.haneul.services.iam;

import org.jspecify.annotations.NullMarked;
