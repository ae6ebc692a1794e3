package dev.haneul.codegen.generator;

import static dev.haneul.codegen.generator.Source.literal;

import dev.haneul.codegen.model.MemberModel;
import dev.haneul.codegen.model.ShapeModel;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Java expressions that build the runtime's shapes. */
final class Expressions {
    private final ServicePackage service;

    Expressions(ServicePackage service) {
        this.service = service;
    }

    /** {@code new Member("Bucket", 0, S3Shapes.TABLE, 7).at(Location.URI, "Bucket").with(Member.Flag.REQUIRED)}. */
    String member(MemberModel member, int index) {
        StringBuilder out = new StringBuilder("new Member(")
                .append(literal(member.name()))
                .append(", ")
                .append(index)
                .append(", ")
                .append(service.table())
                .append(".TABLE, ")
                .append(service.index(member.target()))
                .append(')');
        String wire = wireName(member);
        if (!member.location().equals("BODY")) {
            out.append(".at(Location.")
                    .append(member.location())
                    .append(", ")
                    .append(literal(wire))
                    .append(')');
        } else if (!wire.equals(member.name())) {
            out.append(".wire(").append(literal(wire)).append(')');
        }
        if (member.xml() != null) {
            out.append(".xml(").append(literal(member.xml())).append(')');
        }
        if (member.ec2() != null) {
            out.append(".ec2(").append(literal(member.ec2())).append(')');
        }
        if (member.namespace() != null) {
            out.append(".namespace(").append(literal(member.namespace())).append(", ");
            out.append(literal(member.namespacePrefix())).append(')');
        }
        if (member.timestampFormat() != null) {
            out.append(".format(TimestampFormat.")
                    .append(member.timestampFormat())
                    .append(')');
        }
        if (!member.flags().isEmpty()) {
            StringJoiner flags = new StringJoiner(", ", ".with(", ")");
            member.flags().forEach(flag -> flags.add("Member.Flag." + flag));
            out.append(flags);
        }
        return out.toString();
    }

    /** A payload structure is written under its own element's name unless the member has one. */
    private String wireName(MemberModel member) {
        if (member.wire() != null) {
            return member.wire();
        }
        ShapeModel target = service.shape(member.target());
        if (!member.location().equals("PAYLOAD") || !target.isStructure()) {
            return member.name();
        }
        return target.xml() != null && target.xml().name() != null
                ? target.xml().name()
                : target.name();
    }

    /** The expression that makes a shape, or finds the structure's. */
    String shape(ShapeModel shape) {
        if (shape.isStructure()) {
            return service.className(shape.name()) + ".SHAPE";
        }
        String name = literal(shape.name());
        return switch (shape.kind()) {
            case "list" ->
                "new ListShape(%s, %s, %s, %s)"
                        .formatted(
                                name,
                                limits(shape),
                                shape.sparse(),
                                member(shape.members().get(0), 0));
            case "map" ->
                "new MapShape(%s, %s, %s, %s, %s)"
                        .formatted(
                                name,
                                limits(shape),
                                shape.sparse(),
                                member(shape.members().get(0), 0),
                                member(shape.members().get(1), 0));
            default -> simple(shape, name);
        };
    }

    private String simple(ShapeModel shape, String name) {
        if (shape.limits().none() && shape.timestampFormat() == null) {
            return "new SimpleShape(%s, Kind.%s)".formatted(name, kind(shape));
        }
        String format = shape.timestampFormat() == null ? "null" : "TimestampFormat." + shape.timestampFormat();
        return "new SimpleShape(%s, Kind.%s, %s, %s)".formatted(name, kind(shape), limits(shape), format);
    }

    /** {@code bigDecimal} as {@code BIG_DECIMAL}. */
    static String kind(ShapeModel shape) {
        return shape.kind().replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }

    private String limits(ShapeModel shape) {
        ShapeModel.Limits limits = shape.limits();
        if (limits.none()) {
            return "Constraints.NONE";
        }
        String values = limits.values().isEmpty() ? "List.of()" : service.className(shape.name()) + ".VALUES";
        return "new Constraints(%s, %s, %s, %s, %s)"
                .formatted(
                        bound(limits.min()),
                        bound(limits.max()),
                        literal(limits.pattern()),
                        values,
                        limits.sensitive());
    }

    /** The runtime's limits are whole numbers; the few fractional ones (EC2's prices) are left to their service. */
    private static String bound(@Nullable Number limit) {
        if (limit == null || limit.doubleValue() != Math.rint(limit.doubleValue())) {
            return "null";
        }
        return limit.longValue() + "L";
    }
}
