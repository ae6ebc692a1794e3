/**
 * Organizations: accounts under one management account, in a tree of units, with policies that bind them.
 *
 * <p>An organisation is one record of its management account ({@link
 * dev.haneul.services.organizations.OrganizationRow}): its tree, policies, attachments, invitations and requests. Quotas
 * keep it small. Every change copies it into a {@link dev.haneul.services.organizations.Draft} and commits that.
 * Service and resource control policies are handed to the authorizer as {@code AccountRules.Membership}; policies of
 * other types are kept and attached and have no effect. New accounts are made by a reconciler, which makes their
 * OrganizationAccountAccessRole through IAM.
 *
 * <p>Missing: EnableAllFeatures, GovCloud accounts, effective policies, resource policies, responsibility transfers. A
 * closed account keeps working; accounts of 90 days' closure are not removed. Followed: the Organizations API reference
 * and "Quotas and service limits" of its User Guide.
 */
@NullMarked
package dev.haneul.services.organizations;

import org.jspecify.annotations.NullMarked;
