package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.MemberModel;
import dev.haneul.codegen.model.ShapeModel;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodSignature;
import java.lang.classfile.TypeAnnotation;
import java.lang.classfile.TypeAnnotation.TargetInfo;
import java.lang.classfile.attribute.RuntimeVisibleTypeAnnotationsAttribute;
import java.lang.classfile.attribute.SignatureAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A structure, union or error as a fluent class over an array of values. */
final class StructWriter {
    private static final ClassDesc TEXT = ConstantDescs.CD_String;
    private static final MethodTypeDesc SET =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_Object);

    private final ServicePackage service;
    private final Expressions expressions;

    StructWriter(ServicePackage service) {
        this.service = service;
        this.expressions = new Expressions(service);
    }

    void write(ShapeModel shape, Classes classes) {
        ClassDesc name = service.structure(shape.name());
        classes.add(name, Classes.PUBLIC_FINAL, type -> {
            type.withSuperclass(Types.STRUCT);
            type.withField("SHAPE", Types.STRUCT_SHAPE, Classes.PUBLIC_CONSTANT);
            Classes.initialiser(type, code -> {
                schema(code, shape, name);
                code.putstatic(name, "SHAPE", Types.STRUCT_SHAPE);
            });
            furniture(type, name, shape.members().size());
            Set<String> used = Names.used("get", "set", "has", "list", "map", "shape", "fresh");
            String[] accessors = new String[shape.members().size()];
            for (int index = 0; index < accessors.length; index++) {
                accessors[index] =
                        Names.unique(Names.method(shape.members().get(index).name()), used);
            }
            for (int index = 0; index < accessors.length; index++) {
                accessors(type, name, shape.members().get(index), index, accessors[index], used);
            }
        });
    }

    /** The constructor, {@code shape()} and {@code fresh()}. */
    private static void furniture(ClassBuilder type, ClassDesc name, int members) {
        MethodTypeDesc sized = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
        Classes.method(
                type,
                ClassFile.ACC_PUBLIC,
                ConstantDescs.INIT_NAME,
                ConstantDescs.MTD_void,
                code -> code.aload(0)
                        .loadConstant(members)
                        .invokespecial(Types.STRUCT, ConstantDescs.INIT_NAME, sized)
                        .return_());
        Classes.method(
                type,
                ClassFile.ACC_PUBLIC,
                "shape",
                MethodTypeDesc.of(Types.STRUCT_SHAPE),
                code -> code.getstatic(name, "SHAPE", Types.STRUCT_SHAPE).areturn());
        Classes.method(type, ClassFile.ACC_PUBLIC, "fresh", MethodTypeDesc.of(Types.STRUCT), code -> {
            Push.fresh(code, name, List.of(), inner -> {});
            code.areturn();
        });
    }

    private void schema(CodeBuilder code, ShapeModel shape, ClassDesc name) {
        Push.fresh(code, Types.STRUCT_SHAPE, List.of(TEXT, Types.KIND, Types.STRUCT), inner -> {
            inner.loadConstant(shape.name());
            Push.constant(inner, Types.KIND, Expressions.kind(shape));
            Push.fresh(inner, name, List.of(), none -> {});
        });
        ShapeModel.Xml xml = shape.xml();
        if (xml != null && xml.name() != null) {
            code.loadConstant(xml.name());
            step(code, "xml", TEXT);
        }
        if (xml != null && xml.namespace() != null) {
            code.loadConstant(xml.namespace());
            Push.string(code, xml.prefix());
            step(code, "namespace", TEXT, TEXT);
        }
        ShapeModel.ErrorModel error = shape.error();
        if (error != null) {
            List<ClassDesc> parameters = List.of(TEXT, TEXT, ConstantDescs.CD_int, ConstantDescs.CD_boolean);
            Push.fresh(code, Types.STRUCT_ERROR, parameters, inner -> {
                inner.loadConstant(error.code());
                Push.string(inner, error.queryCode());
                inner.loadConstant(error.status());
                Push.bool(inner, error.sender());
            });
            step(code, "error", Types.STRUCT_ERROR);
        }
        for (int index = 0; index < shape.members().size(); index++) {
            expressions.member(code, shape.members().get(index), index);
            step(code, "add", Types.MEMBER);
        }
    }

    private static void step(CodeBuilder code, String name, ClassDesc... parameters) {
        code.invokevirtual(Types.STRUCT_SHAPE, name, MethodTypeDesc.of(Types.STRUCT_SHAPE, parameters));
    }

    private void accessors(
            ClassBuilder out, ClassDesc owner, MemberModel member, int index, String accessor, Set<String> used) {
        ValueType type = service.type(member.target());
        getter(out, type, accessor, index, !type.isCollection() && !member.is("REQUIRED"));
        setter(out, owner, type, accessor, index);
        if (type.isCollection()) {
            String has = Names.unique("has" + Names.capitalised(accessor), used);
            MethodTypeDesc test = MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_int);
            Classes.method(
                    out,
                    ClassFile.ACC_PUBLIC,
                    has,
                    MethodTypeDesc.of(ConstantDescs.CD_boolean),
                    code -> code.aload(0)
                            .loadConstant(index)
                            .invokevirtual(owner, "has", test)
                            .ireturn());
        }
    }

    private static void getter(ClassBuilder out, ValueType type, String name, int index, boolean mayBeNull) {
        ClassDesc found = type.isCollection() ? type.erased() : ConstantDescs.CD_Object;
        String source = type.isList() ? "list" : type.isCollection() ? "map" : "get";
        accessor(
                out,
                name,
                MethodTypeDesc.of(type.erased()),
                type.isCollection() ? "()" + type.signature() : "",
                type.annotations(TargetInfo.ofMethodReturn(), mayBeNull),
                code -> {
                    code.aload(0)
                            .loadConstant(index)
                            .invokevirtual(Types.STRUCT, source, MethodTypeDesc.of(found, ConstantDescs.CD_int));
                    if (!type.erased().equals(found)) {
                        code.checkcast(type.erased());
                    }
                    code.areturn();
                });
    }

    private static void setter(ClassBuilder out, ClassDesc owner, ValueType type, String name, int index) {
        accessor(
                out,
                name,
                MethodTypeDesc.of(owner, type.erased()),
                type.isCollection() ? "(" + type.signature() + ")" + owner.descriptorString() : "",
                type.annotations(TargetInfo.ofMethodFormalParameter(0), true),
                code -> code.aload(0)
                        .loadConstant(index)
                        .aload(1)
                        .invokevirtual(owner, "set", SET)
                        .aload(0)
                        .areturn());
    }

    /** A public method; {@code generic} is its generic signature, empty where the erased one says it all. */
    private static void accessor(
            ClassBuilder out,
            String name,
            MethodTypeDesc signature,
            String generic,
            List<TypeAnnotation> annotations,
            Consumer<CodeBuilder> body) {
        out.withMethod(name, signature, ClassFile.ACC_PUBLIC, method -> {
            if (!generic.isEmpty()) {
                method.with(SignatureAttribute.of(MethodSignature.parseFrom(generic)));
            }
            if (!annotations.isEmpty()) {
                method.with(RuntimeVisibleTypeAnnotationsAttribute.of(annotations));
            }
            method.withCode(body);
        });
    }
}
