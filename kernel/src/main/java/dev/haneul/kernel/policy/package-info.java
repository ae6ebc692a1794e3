/**
 * AWS's policy language: documents, and the pure function that decides with them.
 *
 * <p>Nothing here knows where policies are kept or what operations there are. A room that has a resource policy parses
 * it with {@link dev.haneul.kernel.policy.PolicyDocument#parse} and hands it out; the region's authorizer gathers all
 * policies that bear on a request and asks {@link dev.haneul.kernel.policy.PolicyEvaluator}. Followed pages of the IAM
 * User Guide: "IAM JSON policy element reference", "Grammar of the IAM JSON policy language", "Policy evaluation logic",
 * "IAM policy elements: Variables and tags", "Creating a condition with multiple keys or values".
 */
@NullMarked
package dev.haneul.kernel.policy;

import org.jspecify.annotations.NullMarked;
