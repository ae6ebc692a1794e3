package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.OperationModel;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodSignature;
import java.lang.classfile.attribute.SignatureAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/** The table of a service's operations, and a constant for each. */
final class ServiceWriter {
    /** Operations a part: about 60 bytes of code each, up to 120 where they declare many errors. */
    private static final int CHUNK = 75;

    private static final ClassDesc TEXT = ConstantDescs.CD_String;
    private static final MethodTypeDesc MAKE =
            MethodTypeDesc.of(Types.OPERATION_SHAPE, Types.SERVICE_SHAPE, ConstantDescs.CD_int);
    private static final MethodTypeDesc BY_INDEX = MethodTypeDesc.of(Types.OPERATION_SHAPE, ConstantDescs.CD_int);
    private static final List<ClassDesc> OPERATION = List.of(
            Types.SERVICE_SHAPE,
            ConstantDescs.CD_int,
            TEXT,
            TEXT,
            TEXT,
            ConstantDescs.CD_int,
            TEXT,
            ConstantDescs.CD_int,
            ConstantDescs.CD_int,
            ConstantDescs.CD_int.arrayType(),
            TEXT,
            TEXT,
            ConstantDescs.CD_Set);

    private final ServicePackage service;
    private final List<OperationModel> operations;

    ServiceWriter(ServicePackage service) {
        this.service = service;
        this.operations = service.model().operations();
    }

    /** {@code S3Model}. */
    void model(Classes classes) {
        ClassDesc name = service.desc(service.service());
        Parts parts = new Parts(name, "make", MAKE, 1, operations.size(), CHUNK);
        StringJoiner names = new StringJoiner(" ");
        operations.forEach(operation -> names.add(operation.name()));
        classes.add(name, Classes.PUBLIC_FINAL, type -> {
            type.withInterfaceSymbols(Types.OPERATION_TABLE);
            type.withField("SHAPE", Types.SERVICE_SHAPE, Classes.PUBLIC_CONSTANT);
            type.withField("TABLE", name, Classes.PUBLIC_CONSTANT);
            Classes.initialiser(type, code -> {
                code.loadConstant(service.id())
                        .invokestatic(Types.CATALOG, "service", MethodTypeDesc.of(Types.SERVICE_SHAPE, TEXT))
                        .putstatic(name, "SHAPE", Types.SERVICE_SHAPE);
                Push.fresh(code, name, List.of(), inner -> {});
                code.putstatic(name, "TABLE", name);
            });
            Classes.constructor(type);
            Classes.method(
                    type,
                    ClassFile.ACC_PUBLIC,
                    "size",
                    MethodTypeDesc.of(ConstantDescs.CD_int),
                    code -> code.loadConstant(operations.size()).ireturn());
            type.withMethod(
                    "names",
                    MethodTypeDesc.of(ConstantDescs.CD_List),
                    ClassFile.ACC_PUBLIC,
                    method -> method.with(SignatureAttribute.of(
                                    MethodSignature.parseFrom("()Ljava/util/List<Ljava/lang/String;>;")))
                            .withCode(code -> {
                                Push.split(code, names.toString(), " ");
                                code.areturn();
                            }));
            Classes.method(type, ClassFile.ACC_PUBLIC, "make", MAKE, code -> parts.dispatch(code, 1));
            parts.declare(type);
        });
        parts.write(classes, (code, index) -> operation(code, operations.get(index), index));
    }

    /** {@code S3Operations}. */
    void operations(Classes classes) {
        ClassDesc name = service.desc(service.operations());
        ClassDesc model = service.desc(service.service());
        Set<String> used = Names.used();
        List<String> constants = operations.stream()
                .map(operation -> Names.unique(Names.constant(operation.name()), used))
                .toList();
        classes.add(name, Classes.PUBLIC_FINAL, type -> {
            constants.forEach(constant -> type.withField(constant, Types.OPERATION_SHAPE, Classes.PUBLIC_CONSTANT));
            Classes.initialiser(type, code -> {
                for (int index = 0; index < constants.size(); index++) {
                    code.getstatic(model, "SHAPE", Types.SERVICE_SHAPE)
                            .loadConstant(index)
                            .invokevirtual(Types.SERVICE_SHAPE, "operation", BY_INDEX)
                            .putstatic(name, constants.get(index), Types.OPERATION_SHAPE);
                }
            });
            Classes.constructor(type);
        });
    }

    private void operation(CodeBuilder code, OperationModel operation, int index) {
        Push.fresh(code, Types.OPERATION_SHAPE, OPERATION, inner -> {
            inner.aload(0).loadConstant(index);
            inner.loadConstant(operation.name());
            inner.loadConstant(operation.method());
            inner.loadConstant(operation.uri());
            inner.loadConstant(operation.status());
            Push.string(inner, operation.hostPrefix());
            inner.loadConstant(service.index(operation.input()));
            inner.loadConstant(service.index(operation.output()));
            Push.ints(inner, operation.errors().stream().map(service::index).toList());
            Push.string(inner, operation.resultWrapper());
            Push.string(inner, operation.checksumMember());
            Push.collection(
                    inner,
                    ConstantDescs.CD_Set,
                    Types.OPERATION_TRAIT,
                    Expressions.constants(Types.OPERATION_TRAIT, operation.traits()));
        });
    }
}
