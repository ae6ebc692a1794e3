package dev.haneul.services.iam.actions;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.Regions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An ARN with places for what a request says. */
public final class ResourceTemplate {
    /** A batch names at most this many resources (S3's delete takes a thousand keys). */
    private static final int LIMIT = 10_000;

    private final List<Part> parts;

    private ResourceTemplate(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    private record Part(String text, @Nullable MemberPath path, String form) {}

    static ResourceTemplate parse(String template) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < template.length()) {
            int open = template.indexOf('{', at);
            if (open < 0) {
                parts.add(new Part(template.substring(at), null, ""));
                break;
            }
            int close = template.indexOf('}', open);
            if (close < 0) {
                throw new IllegalArgumentException("no } in " + template);
            }
            parts.add(new Part(template.substring(at, open), null, ""));
            String place = template.substring(open + 1, close);
            int bar = place.indexOf('|');
            String name = bar < 0 ? place : place.substring(0, bar);
            boolean given = name.equals("partition") || name.equals("region") || name.equals("account");
            parts.add(
                    given
                            ? new Part("", null, name)
                            : new Part("", MemberPath.parse(name), bar < 0 ? "" : place.substring(bar + 1)));
            at = close + 1;
        }
        return new ResourceTemplate(parts);
    }

    /** The resources a request names, each once; {@code *} where the template is that. Never empty. */
    public List<String> resources(Struct input, Call call, Forms.Lookup lookup) {
        List<Draft> out = List.of(new Draft("", false));
        for (Part part : parts) {
            if (part.path() == null) {
                String text = given(part, call);
                out = out.stream().map(draft -> draft.and(text)).toList();
                continue;
            }
            List<String> values = part.path().values(input);
            List<Draft> next = new ArrayList<>();
            for (Draft draft : out) {
                if (values.isEmpty()) {
                    next.add(draft.and(Forms.apply(part.form(), null, call, lookup)));
                }
                for (String value : values) {
                    if (next.size() >= LIMIT) {
                        throw new IllegalStateException("a request names more than " + LIMIT + " resources");
                    }
                    next.add(draft.with(part.form(), value, call, lookup));
                }
            }
            out = next;
        }
        return out.stream().map(Draft::text).distinct().toList();
    }

    /**
     * An ARN in the making.
     *
     * @param whole whether a member gave it all
     */
    private record Draft(String text, boolean whole) {
        Draft and(String more) {
            return whole ? this : new Draft(text + more, false);
        }

        /** A value that is itself an ARN of this service stands for the whole resource, where its form allows that. */
        Draft with(String form, String value, Call call, Forms.Lookup lookup) {
            if (!whole && Forms.takesArns(form) && value.startsWith("arn:") && sameService(value)) {
                return new Draft(Forms.whole(form, value), true);
            }
            return and(Forms.apply(form, value, call, lookup));
        }

        private boolean sameService(String arn) {
            String[] own = text.split(":", 4);
            String[] other = arn.split(":", 6);
            return own.length == 4 && other.length == 6 && own[2].equals(other[2]);
        }
    }

    private static String given(Part part, Call call) {
        return switch (part.form()) {
            case "partition" -> Regions.partition(call.region());
            case "region" -> call.region();
            case "account" -> call.account();
            default -> part.text();
        };
    }

    /** Where in a request each place looks; the model must have it: there is a test. */
    List<MemberPath> paths() {
        return parts.stream().map(Part::path).filter(Objects::nonNull).toList();
    }
}
