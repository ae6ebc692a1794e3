package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.MemberModel;
import dev.haneul.codegen.model.ShapeModel;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Code that pushes the runtime's shapes. */
final class Expressions {
    private static final ClassDesc TEXT = ConstantDescs.CD_String;
    private static final MethodTypeDesc BY_TEXT = MethodTypeDesc.of(Types.MEMBER, TEXT);

    private final ServicePackage service;

    Expressions(ServicePackage service) {
        this.service = service;
    }

    /** {@code new Member("Bucket", 0, S3Shapes.TABLE, 7).at(Location.URI, "Bucket").with(Member.Flag.REQUIRED)}. */
    void member(CodeBuilder code, MemberModel member, int index) {
        List<ClassDesc> parameters = List.of(TEXT, ConstantDescs.CD_int, Types.SHAPE_TABLE, ConstantDescs.CD_int);
        Push.fresh(code, Types.MEMBER, parameters, inner -> {
            ClassDesc table = service.desc(service.table());
            inner.loadConstant(member.name()).loadConstant(index);
            inner.getstatic(table, "TABLE", table).loadConstant(service.index(member.target()));
        });
        place(code, member);
        if (member.xml() != null) {
            code.loadConstant(member.xml()).invokevirtual(Types.MEMBER, "xml", BY_TEXT);
        }
        if (member.ec2() != null) {
            code.loadConstant(member.ec2()).invokevirtual(Types.MEMBER, "ec2", BY_TEXT);
        }
        if (member.namespace() != null) {
            code.loadConstant(member.namespace());
            Push.string(code, member.namespacePrefix());
            code.invokevirtual(Types.MEMBER, "namespace", MethodTypeDesc.of(Types.MEMBER, TEXT, TEXT));
        }
        if (member.timestampFormat() != null) {
            Push.constant(code, Types.TIMESTAMP_FORMAT, member.timestampFormat());
            code.invokevirtual(Types.MEMBER, "format", MethodTypeDesc.of(Types.MEMBER, Types.TIMESTAMP_FORMAT));
        }
        if (!member.flags().isEmpty()) {
            Push.array(code, Types.MEMBER_FLAG, constants(Types.MEMBER_FLAG, member.flags()));
            code.invokevirtual(Types.MEMBER, "with", MethodTypeDesc.of(Types.MEMBER, Types.MEMBER_FLAG.arrayType()));
        }
    }

    private void place(CodeBuilder code, MemberModel member) {
        String wire = wireName(member);
        if (!member.location().equals("BODY")) {
            Push.constant(code, Types.LOCATION, member.location());
            code.loadConstant(wire)
                    .invokevirtual(Types.MEMBER, "at", MethodTypeDesc.of(Types.MEMBER, Types.LOCATION, TEXT));
        } else if (!wire.equals(member.name())) {
            code.loadConstant(wire).invokevirtual(Types.MEMBER, "wire", BY_TEXT);
        }
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

    /** Makes a shape, or finds the structure's. */
    void shape(CodeBuilder code, ShapeModel shape) {
        if (shape.isStructure()) {
            code.getstatic(service.structure(shape.name()), "SHAPE", Types.STRUCT_SHAPE);
            return;
        }
        switch (shape.kind()) {
            case "list" -> collection(code, shape, Types.LIST_SHAPE);
            case "map" -> collection(code, shape, Types.MAP_SHAPE);
            default -> simple(code, shape);
        }
    }

    private void collection(CodeBuilder code, ShapeModel shape, ClassDesc type) {
        List<ClassDesc> parameters = new ArrayList<>(List.of(TEXT, Types.CONSTRAINTS, ConstantDescs.CD_boolean));
        shape.members().forEach(member -> parameters.add(Types.MEMBER));
        Push.fresh(code, type, parameters, inner -> {
            inner.loadConstant(shape.name());
            limits(inner, shape);
            Push.bool(inner, shape.sparse());
            shape.members().forEach(member -> member(inner, member, 0));
        });
    }

    private void simple(CodeBuilder code, ShapeModel shape) {
        if (shape.limits().none() && shape.timestampFormat() == null) {
            Push.fresh(code, Types.SIMPLE_SHAPE, List.of(TEXT, Types.KIND), inner -> {
                inner.loadConstant(shape.name());
                Push.constant(inner, Types.KIND, kind(shape));
            });
            return;
        }
        List<ClassDesc> parameters = List.of(TEXT, Types.KIND, Types.CONSTRAINTS, Types.TIMESTAMP_FORMAT);
        Push.fresh(code, Types.SIMPLE_SHAPE, parameters, inner -> {
            inner.loadConstant(shape.name());
            Push.constant(inner, Types.KIND, kind(shape));
            limits(inner, shape);
            if (shape.timestampFormat() == null) {
                inner.aconst_null();
            } else {
                Push.constant(inner, Types.TIMESTAMP_FORMAT, shape.timestampFormat());
            }
        });
    }

    /** {@code bigDecimal} as {@code BIG_DECIMAL}. */
    static String kind(ShapeModel shape) {
        return shape.kind().replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }

    /** Each constant of an enum, to be pushed. */
    static List<Consumer<CodeBuilder>> constants(ClassDesc type, List<String> names) {
        return names.stream()
                .<Consumer<CodeBuilder>>map(name -> code -> Push.constant(code, type, name))
                .toList();
    }

    private void limits(CodeBuilder code, ShapeModel shape) {
        ShapeModel.Limits limits = shape.limits();
        if (limits.none()) {
            Push.constant(code, Types.CONSTRAINTS, "NONE");
            return;
        }
        List<ClassDesc> parameters = List.of(
                ConstantDescs.CD_Long, ConstantDescs.CD_Long, TEXT, ConstantDescs.CD_List, ConstantDescs.CD_boolean);
        Push.fresh(code, Types.CONSTRAINTS, parameters, inner -> {
            Push.boxed(inner, bound(limits.min()));
            Push.boxed(inner, bound(limits.max()));
            Push.string(inner, limits.pattern());
            if (limits.values().isEmpty()) {
                Push.collection(inner, ConstantDescs.CD_List, TEXT, List.of());
            } else {
                inner.getstatic(service.structure(shape.name()), "VALUES", ConstantDescs.CD_List);
            }
            Push.bool(inner, limits.sensitive());
        });
    }

    /** The runtime's limits are whole numbers; the few fractional ones (EC2's prices) are left to their service. */
    private static @Nullable Long bound(@Nullable Number limit) {
        if (limit == null || limit.doubleValue() != Math.rint(limit.doubleValue())) {
            return null;
        }
        return limit.longValue();
    }
}
