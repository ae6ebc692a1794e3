package dev.haneul.services.ssm;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.HierarchyLevelLimitExceededException;
import dev.haneul.kernel.Arn;
import java.util.Locale;

/** Parameter names: their rules, their ARNs, their selectors. */
final class Names {
    private static final int DEEPEST = 15;
    private static final int LONGEST = 1011;

    private Names() {}

    /**
     * A name as a request gives it.
     *
     * @param selector the version or label after the colon; empty for none
     */
    record Named(String name, String selector) {}

    /** Takes a name or ARN with its selector apart. */
    static Named parse(String text) {
        String rest = text;
        if (text.startsWith("arn:")) {
            Arn arn = Arn.parse(text).orElseThrow(SsmFaults::notFound);
            if (!arn.resource().startsWith("parameter/")) {
                throw SsmFaults.notFound();
            }
            String path = arn.resource().substring("parameter".length());
            // A name of one part may be written without its slash; both are looked for.
            rest = path.indexOf('/', 1) < 0 ? path.substring(1) : path;
        }
        int colon = rest.indexOf(':');
        return colon < 0 ? new Named(rest, "") : new Named(rest.substring(0, colon), rest.substring(colon + 1));
    }

    /** Refuses a name no parameter can be made with. */
    static void check(String name) {
        if (name.contains("/") && !name.startsWith("/")) {
            throw SsmFaults.validation("Parameter name must be a fully qualified name.");
        }
        String bare = (name.startsWith("/") ? name.substring(1) : name).toLowerCase(Locale.ROOT);
        if (bare.startsWith("aws") || bare.startsWith("ssm")) {
            if (name.startsWith("/aws/")) {
                throw Fault.client("AccessDeniedException", 400, "No access to reserved parameter name: " + name + ".");
            }
            throw malformed();
        }
        if (!name.matches("/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*") || name.length() > LONGEST) {
            throw malformed();
        }
        if (name.chars().filter(each -> each == '/').count() > DEEPEST) {
            throw Fault.of(
                    new HierarchyLevelLimitExceededException(),
                    "Parameter name must not exceed " + DEEPEST + " levels.");
        }
    }

    private static Fault malformed() {
        return SsmFaults.validation(
                "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If formed as a path, it"
                        + " can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of"
                        + " letters, numbers and the following 3 symbols .-_");
    }
}
