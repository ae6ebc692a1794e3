package dev.haneul.codegen.permissions;

import dev.haneul.codegen.model.MemberModel;
import dev.haneul.codegen.model.OperationModel;
import dev.haneul.codegen.model.ServiceModel;
import dev.haneul.codegen.model.ShapeModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What requests hold, by name. */
final class Members {
    private static final int DEPTH = 6;
    private static final Pattern ROLE = Pattern.compile(".*(RoleArn|RoleARN|Role|roleArn|role|RoleForAggregation)");

    private final Map<String, ShapeModel> shapes = new HashMap<>();

    Members(ServiceModel model) {
        model.shapes().forEach(shape -> shapes.put(shape.name(), shape));
    }

    /** The members of a request. */
    List<MemberModel> of(OperationModel operation) {
        ShapeModel input = shapes.get(operation.input());
        return input == null ? List.of() : input.members();
    }

    /** The first member that names such a resource: by its exact name, then by the end of its name. */
    @Nullable
    MemberModel naming(OperationModel operation, Set<String> names) {
        List<MemberModel> textual = of(operation).stream().filter(this::isText).toList();
        for (String name : names) {
            for (MemberModel member : textual) {
                if (normal(member.name()).equals(name)) {
                    return member;
                }
            }
        }
        for (String name : names) {
            for (MemberModel member : textual) {
                if (name.length() > 5 && normal(member.name()).endsWith(name)) {
                    return member;
                }
            }
        }
        return null;
    }

    static String normal(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }

    /** A string, or a list of strings. */
    private boolean isText(MemberModel member) {
        ShapeModel shape = shapes.get(member.target());
        if (shape != null && shape.kind().equals("list")) {
            return isText(shape.members().getFirst());
        }
        return shape == null ? member.target().equals("String") : shape.kind().equals("string") && !shape.isEnum();
    }

    /** Where a request names roles, however deep. */
    List<String> roles(OperationModel operation) {
        List<String> found = new ArrayList<>();
        ShapeModel input = shapes.get(operation.input());
        if (input != null) {
            collect(input, "", new HashSet<>(), found);
        }
        return found;
    }

    private void collect(ShapeModel shape, String path, Set<String> above, List<String> found) {
        if (above.size() >= DEPTH || !above.add(shape.name())) {
            return;
        }
        for (MemberModel member : shape.members()) {
            String at = shape.isStructure() ? path + (path.isEmpty() ? "" : ".") + member.name() : path + "[]";
            ShapeModel target = shapes.get(member.target());
            if (target == null) {
                continue;
            }
            if (target.kind().equals("string")
                    && !target.isEnum()
                    && ROLE.matcher(member.name()).matches()) {
                found.add(at);
            } else if (!target.kind().equals("string")) {
                collect(target, at, above, found);
            }
        }
        above.remove(shape.name());
    }
}
