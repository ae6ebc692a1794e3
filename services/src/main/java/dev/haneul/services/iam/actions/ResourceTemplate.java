package dev.haneul.services.iam.actions;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import java.util.ArrayList;
import java.util.List;
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

    /** The resources a request names; {@code *} where the template is that. Never empty. */
    public List<String> resources(Struct input, Call call, Forms.Lookup lookup) {
        List<StringBuilder> out = new ArrayList<>(List.of(new StringBuilder()));
        for (Part part : parts) {
            if (part.path() == null) {
                String text = given(part, call);
                out.forEach(each -> each.append(text));
                continue;
            }
            List<String> values = part.path().values(input);
            if (values.size() <= 1) {
                String value = Forms.apply(part.form(), values.isEmpty() ? null : values.getFirst(), call, lookup);
                out.forEach(each -> each.append(value));
            } else {
                out = multiply(out, part, values, call, lookup);
            }
        }
        return out.stream().map(StringBuilder::toString).toList();
    }

    private static List<StringBuilder> multiply(
            List<StringBuilder> soFar, Part part, List<String> values, Call call, Forms.Lookup lookup) {
        List<StringBuilder> out = new ArrayList<>();
        for (StringBuilder prefix : soFar) {
            for (String value : values) {
                if (out.size() >= LIMIT) {
                    throw new IllegalStateException("a request names more than " + LIMIT + " resources");
                }
                out.add(new StringBuilder(prefix).append(Forms.apply(part.form(), value, call, lookup)));
            }
        }
        return out;
    }

    private static String given(Part part, Call call) {
        return switch (part.form()) {
            case "partition" -> "aws";
            case "region" -> call.region();
            case "account" -> call.account();
            default -> part.text();
        };
    }

    /** The request members each place names, one of which must be in the model: there is a test. */
    List<List<String>> members() {
        List<List<String>> names = new ArrayList<>();
        for (Part part : parts) {
            if (part.path() != null) {
                names.add(part.path().roots());
            }
        }
        return names;
    }
}
