package dev.haneul.codegen.permissions;

import dev.haneul.codegen.model.MemberModel;
import dev.haneul.codegen.model.OperationModel;
import dev.haneul.codegen.model.ServiceModel;
import dev.haneul.codegen.permissions.Reference.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The table of one service, as far as facts and names tell. */
final class TableDraft {
    private static final Pattern CHANGES = Pattern.compile(
            "(Create|Put|Update|Register|Run|Start|Modify|Add|Restore|Set|Associate|Attach|Enable|Import|Request|"
                    + "Deploy|Replace|Assign|Upload|Change|Execute|Apply|Copy|Switch)[A-Z].*");
    private static final Pattern LABEL = Pattern.compile("\\{([A-Za-z0-9_-]+)\\+?}");
    /** A name for a template that is used this often. */
    private static final int OFTEN = 2;

    private final ServiceModel model;
    private final Reference reference;
    private final Members members;
    private final String id;
    private final String prefix;
    private final Map<String, String> typeOfTemplate = new LinkedHashMap<>();
    private final Map<String, Integer> uses = new LinkedHashMap<>();
    private final Map<String, String> lines = new TreeMap<>();

    TableDraft(ServiceModel model, Reference reference) {
        this.model = model;
        this.reference = reference;
        this.members = new Members(model);
        this.id = model.facts().id();
        this.prefix = Reference.prefix(id);
    }

    String render() {
        for (OperationModel operation : model.operations()) {
            lines.put(operation.name(), needs(operation));
        }
        StringBuilder out =
                new StringBuilder("# What each operation of " + model.facts().sdkId()
                        + " needs: actions on resources. The notation is told in the package ..iam.actions.\n");
        Map<String, String> names = names();
        names.forEach((template, name) -> out.append("resource " + name + " = " + template + "\n"));
        if (!names.isEmpty()) {
            out.append('\n');
        }
        lines.forEach((operation, needs) -> {
            String text = needs;
            for (Map.Entry<String, String> name : names.entrySet()) {
                text = (text + " ")
                        .replace(" on " + name.getKey() + " ", " on " + name.getValue() + " ")
                        .stripTrailing();
            }
            out.append(operation + ": " + text + "\n");
        });
        return out.toString();
    }

    /** Template to name, for those used often; each name once. */
    private Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        uses.entrySet().stream()
                .filter(use -> use.getValue() >= OFTEN && use.getKey().startsWith("arn:"))
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .forEach(use -> {
                    String name = typeOfTemplate.getOrDefault(use.getKey(), "");
                    if (!names.containsValue(name)) {
                        names.put(use.getKey(), name);
                    }
                });
        return names;
    }

    private String needs(OperationModel operation) {
        if (prefix.equals("apigateway")) {
            return "apigateway:" + operation.method() + " on arn:{partition}:apigateway:{region}::" + path(operation)
                    + passRole(operation);
        }
        String action = prefix + ":" + operation.name();
        List<ResourceType> types = reference.types(prefix, operation.name());
        List<Bound> bound = types.stream()
                .map(type -> bind(operation, type, types.size() == 1))
                .toList();
        return own(operation, action, bound) + tagging(operation) + passRole(operation);
    }

    /** A type with the member that names it, if one does. */
    private record Bound(ResourceType type, @Nullable MemberModel member, String template) {}

    private Bound bind(OperationModel operation, ResourceType type, boolean only) {
        MemberModel member = members.naming(operation, Aliases.of(id, type.name()));
        if (member == null && only) {
            member = members.naming(operation, Aliases.ITS_NAME);
        }
        String place = member == null ? "*" : "{" + member.name() + "|arn}";
        String template = type.arn()
                .replace("${Partition}", "{partition}")
                .replace("${Region}", "{region}")
                .replaceAll("\\$\\{[A-Za-z]*Account(Id)?}", "{account}")
                .replace(".*", place);
        typeOfTemplate.putIfAbsent(template, type.name().replace(' ', '-'));
        return new Bound(type, member, template);
    }

    private String own(OperationModel operation, String action, List<Bound> types) {
        if (types.isEmpty()) {
            return action + " on *";
        }
        List<Bound> bound = types.stream().filter(each -> each.member() != null).toList();
        MemberModel arn = members.naming(operation, Aliases.ANY_RESOURCE);
        if (bound.isEmpty() && arn != null) {
            return action + " on {" + arn.name() + "}";
        }
        List<Bound> made = types.stream()
                .filter(each -> each.member() == null && makes(operation, each.type()))
                .limit(1)
                .toList();
        if (bound.isEmpty() && made.isEmpty()) {
            made = types.subList(0, 1);
        }
        List<String> needs = new ArrayList<>();
        made.forEach(each -> needs.add(need(operation, action, each, "")));
        boolean always = !made.isEmpty() || bound.size() == 1 || bound.stream().anyMatch(TableDraft::required);
        for (Bound each : bound) {
            String when = bound.size() + made.size() == 1 || required(each) ? "" : " if " + name(each);
            needs.add(need(operation, action, each, when));
        }
        if (!always) {
            needs.add(action + " on * unless "
                    + bound.stream().map(TableDraft::name).collect(Collectors.joining("/")));
        }
        return String.join(" ; ", new LinkedHashSet<>(needs));
    }

    private static String name(Bound bound) {
        return bound.member() == null ? "" : bound.member().name();
    }

    private static boolean required(Bound bound) {
        return bound.member() != null && bound.member().is("REQUIRED");
    }

    private static boolean makes(OperationModel operation, ResourceType type) {
        String name = Members.normal(operation.name());
        return CHANGES.matcher(operation.name()).matches() && name.contains(Members.normal(type.name()))
                || operation.name().equals("RunInstances")
                        && Set.of("instance", "volume", "network-interface").contains(type.name());
    }

    private String need(OperationModel operation, String action, Bound bound, String when) {
        uses.merge(bound.template(), 1, Integer::sum);
        List<String> keys = new ArrayList<>();
        for (String key : bound.type().keys()) {
            String local = key.substring(key.indexOf(':') + 1);
            for (MemberModel member : members.of(operation)) {
                if (key.startsWith(prefix + ":") && member.name().equalsIgnoreCase(local)) {
                    keys.add(key + "=" + member.name());
                }
            }
        }
        return action + " on " + bound.template() + when + (keys.isEmpty() ? "" : " with " + String.join(" ", keys));
    }

    /** What EC2 makes may be tagged as it is made, with a permission of its own. */
    private String tagging(OperationModel operation) {
        boolean tags =
                members.of(operation).stream().anyMatch(member -> member.name().equals("TagSpecifications"));
        return id.equals("ec2") && tags
                ? " ; ec2:CreateTags on arn:{partition}:ec2:{region}:{account}:{TagSpecifications[].ResourceType}/*"
                        + " if TagSpecifications with ec2:CreateAction='" + operation.name() + "'"
                : "";
    }

    private String passRole(OperationModel operation) {
        if (!CHANGES.matcher(operation.name()).matches()) {
            return "";
        }
        StringBuilder needs = new StringBuilder();
        for (String role : members.roles(operation)) {
            needs.append(" ; iam:PassRole on {" + role + "} if " + role + " with iam:PassedToService='" + prefix
                    + ".amazonaws.com'");
        }
        return needs.toString();
    }

    /** The path of a REST operation, with the members its labels stand for. */
    private String path(OperationModel operation) {
        String uri = operation.uri().replaceFirst("^/v2/", "/").replaceFirst("[?#].*$", "");
        Matcher labels = LABEL.matcher(uri);
        return labels.replaceAll(label -> {
            String wire = label.group(1);
            String name = members.of(operation).stream()
                    .filter(member -> wire.equals(member.wire()) || wire.equals(member.name()))
                    .map(MemberModel::name)
                    .findFirst()
                    .orElse(wire);
            return Matcher.quoteReplacement("{" + name + "}");
        });
    }
}
