package dev.haneul.kernel.policy;

import java.util.List;

/**
 * What was decided, and why.
 *
 * @param layer which kind of policy decided: the one that denies, the one that lacks an Allow, or the one that allows
 * @param matches the statements that decided, for simulations
 */
public record Decision(Outcome outcome, Layer layer, List<Match> matches) {
    /** The three answers. */
    public enum Outcome {
        ALLOWED,
        EXPLICIT_DENY,
        IMPLICIT_DENY
    }

    /** Kinds of policies, in AWS's words for its messages. */
    public enum Layer {
        SERVICE_CONTROL("service control policy", "a service control policy"),
        RESOURCE_CONTROL("resource control policy", "a resource control policy"),
        RESOURCE("resource-based policy", "a resource-based policy"),
        IDENTITY("identity-based policy", "an identity-based policy"),
        BOUNDARY("permissions boundary", "a permissions boundary"),
        SESSION("session policy", "a session policy");

        private final String text;
        private final String withArticle;

        Layer(String text, String withArticle) {
            this.text = text;
            this.withArticle = withArticle;
        }

        public String text() {
            return text;
        }
    }

    /**
     * A statement that matched.
     *
     * @param policy the policy's name
     * @param statement its place in the document, from 0
     * @param span the same in lines and columns
     */
    public record Match(Layer layer, String policy, int statement, Statement.Span span, boolean allow) {}

    public Decision {
        matches = List.copyOf(matches);
    }

    public boolean allowed() {
        return outcome == Outcome.ALLOWED;
    }

    /** The last part of an AccessDenied message, from {@code because} or {@code with} on. */
    public String reason(String action) {
        return switch (outcome) {
            case ALLOWED -> "";
            case EXPLICIT_DENY -> "with an explicit deny in " + layer.withArticle;
            case IMPLICIT_DENY -> "because no " + layer.text + " allows the " + action + " action";
        };
    }
}
