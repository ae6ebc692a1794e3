/**
 * Account Management: what an account says of itself (contacts, its name) and which regions it uses.
 *
 * <p>One record per account ({@link dev.haneul.services.account.AccountRow}). Regions that AWS makes its users opt in to
 * are enabled here from the first, so that every region can be used with nothing set up; an account may disable them,
 * and its calls to a disabled one are refused then, at once. Missing: acting on members of an organisation ({@code
 * AccountId}), the primary e-mail address, GovCloud. Followed: the Account Management API reference.
 */
@NullMarked
package dev.haneul.services.account;

import org.jspecify.annotations.NullMarked;
