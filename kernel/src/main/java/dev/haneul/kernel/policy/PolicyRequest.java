package dev.haneul.kernel.policy;

import java.util.Locale;

/**
 * What is asked: may this subject do this action on this resource?
 *
 * @param action e.g. {@code s3:GetObject}
 * @param lowerAction the action in lower case
 * @param resource an ARN, or {@code *} where the action names none
 * @param resourceAccount who owns the resource; the subject's own account where that is not known
 */
public record PolicyRequest(
        Subject subject,
        String action,
        String lowerAction,
        String resource,
        String resourceAccount,
        RequestContext context) {
    public static PolicyRequest of(
            Subject subject, String action, String resource, String resourceAccount, RequestContext context) {
        return new PolicyRequest(subject, action, action.toLowerCase(Locale.ROOT), resource, resourceAccount, context);
    }
}
