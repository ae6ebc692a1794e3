package dev.haneul.kernel.call;

import dev.haneul.api.runtime.Call;
import java.util.Map;

/**
 * Asks about one action on one resource, for operations whose resources are known only once they run: each key of a
 * batch delete answers for itself.
 */
@FunctionalInterface
public interface Permissions {
    /**
     * Answers quietly where the caller may do it.
     *
     * @param action e.g. {@code s3:DeleteObject}
     * @param resourceArn e.g. {@code arn:aws:s3:::bucket/key}
     * @param context condition keys of the operation, beside those every request has
     * @throws dev.haneul.api.runtime.Fault AccessDenied, in the code of the action's service
     */
    void require(Call call, String action, String resourceArn, Map<String, String> context);
}
