package dev.haneul.kernel.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One statement of a policy.
 *
 * @param sid its Sid, empty where it has none
 * @param allow whether its Effect is Allow
 * @param principals who it speaks of; null in identity policies
 * @param actions the Action or NotAction
 * @param resources the Resource or NotResource; null where the kind has none (trust policies)
 * @param conditions all must hold
 * @param keys the keys a request needs for it, as they are written: its policy variables' and its conditions', in order
 * @param span where it stands in its document
 */
public record Statement(
        String sid,
        boolean allow,
        @Nullable Principals principals,
        Actions actions,
        @Nullable Resources resources,
        List<Condition> conditions,
        List<String> keys,
        Span span) {
    public Statement {
        conditions = List.copyOf(conditions);
        keys = List.copyOf(keys);
    }

    /**
     * A place in a document's text; lines and columns count from 1. As AWS's simulator tells it, a lone statement starts
     * behind its brace and one of a list behind what comes before it; the end is behind its closing brace.
     */
    public record Span(int startLine, int startColumn, int endLine, int endColumn) {}

    /** Whether its Action or NotAction takes in an action, given in lower case. */
    public boolean speaksOf(String lowerAction) {
        return actions.match(lowerAction);
    }

    /** Whether everything but the principal fits. */
    boolean appliesTo(PolicyRequest request) {
        return actions.match(request.lowerAction())
                && (resources == null || resources.match(request))
                && conditionsHold(request.context());
    }

    private boolean conditionsHold(RequestContext context) {
        for (Condition condition : conditions) {
            if (!condition.holds(context)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Action or NotAction.
     *
     * @param negated whether it is NotAction
     * @param patterns in lower case, for actions have no case
     */
    public record Actions(boolean negated, List<Glob> patterns) {
        public Actions {
            patterns = List.copyOf(patterns);
        }

        boolean match(String lowerAction) {
            for (Glob pattern : patterns) {
                if (pattern.matches(lowerAction, RequestContext.EMPTY)) {
                    return !negated;
                }
            }
            return negated;
        }
    }

    /** Resource or NotResource. */
    public record Resources(boolean negated, List<ArnGlob> patterns) {
        public Resources {
            patterns = List.copyOf(patterns);
        }

        boolean match(PolicyRequest request) {
            for (ArnGlob pattern : patterns) {
                if (pattern.matches(request.resource(), request.context())) {
                    return !negated;
                }
            }
            return negated;
        }
    }
}
