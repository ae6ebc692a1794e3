package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.OperationModel;
import dev.haneul.codegen.model.ServiceModel;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The service's interface, and the client that implements it by asking a Caller.
 *
 * <p>The casts to Struct of what is one anyway look idle and are not: without them the class-file verifier loads every
 * input and output class of the service to see that it is a Struct, which costs EC2 a hundred milliseconds at its first
 * call.
 */
final class ApiWriter {
    /** Operations a method: some 20 bytes of code each, HotSpot compiles no method above 8,000. */
    private static final int CHUNK = 200;

    private static final ClassDesc TEXT = ConstantDescs.CD_String;
    private static final MethodTypeDesc INVOKE =
            MethodTypeDesc.of(Types.STRUCT, Types.OPERATION_SHAPE, Types.STRUCT, Types.CALL);
    private static final MethodTypeDesc NOT_IMPLEMENTED = MethodTypeDesc.of(Types.FAULT, TEXT, TEXT);
    private static final MethodTypeDesc BY_INDEX = MethodTypeDesc.of(Types.OPERATION_SHAPE, ConstantDescs.CD_int);
    private static final MethodTypeDesc FACTS = MethodTypeDesc.of(Types.SERVICE_SHAPE);

    private final ServicePackage service;
    private final List<OperationModel> operations;
    private final List<String> methods;
    private final ClassDesc api;
    private final ClassDesc model;

    ApiWriter(ServicePackage service) {
        this.service = service;
        this.operations = service.model().operations();
        this.methods = methods(service.model());
        this.api = service.desc(service.api());
        this.model = service.desc(service.service());
    }

    /** {@code S3Api}. */
    void api(Classes classes) {
        classes.addInterface(api, type -> {
            type.withInterfaceSymbols(Types.API);
            Classes.method(
                    type,
                    ClassFile.ACC_PUBLIC,
                    "service",
                    FACTS,
                    code -> code.getstatic(model, "SHAPE", Types.SERVICE_SHAPE).areturn());
            for (int index = 0; index < operations.size(); index++) {
                String operation = operations.get(index).name();
                Classes.method(
                        type,
                        ClassFile.ACC_PUBLIC,
                        methods.get(index),
                        signature(index),
                        code -> code.loadConstant(service.id())
                                .loadConstant(operation)
                                .invokestatic(Types.FAULTS, "notImplemented", NOT_IMPLEMENTED)
                                .athrow());
            }
            Classes.method(type, ClassFile.ACC_PUBLIC, "invoke", INVOKE, this::invoke);
        });
    }

    /** {@code S3Client}. */
    void client(Classes classes) {
        ClassDesc name = service.desc(service.client());
        classes.add(name, Classes.PUBLIC_FINAL, type -> {
            type.withInterfaceSymbols(api);
            type.withField("caller", Types.CALLER, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
            MethodTypeDesc made = MethodTypeDesc.of(ConstantDescs.CD_void, Types.CALLER);
            Classes.method(
                    type,
                    ClassFile.ACC_PUBLIC,
                    ConstantDescs.INIT_NAME,
                    made,
                    code -> code.aload(0)
                            .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .aload(0)
                            .aload(1)
                            .putfield(name, "caller", Types.CALLER)
                            .return_());
            for (int index = 0; index < operations.size(); index++) {
                ask(type, name, index);
            }
            Classes.method(
                    type,
                    ClassFile.ACC_PUBLIC,
                    "invoke",
                    INVOKE,
                    code -> code.aload(0)
                            .getfield(name, "caller", Types.CALLER)
                            .aload(1)
                            .aload(2)
                            .aload(3)
                            .invokeinterface(Types.CALLER, "call", INVOKE)
                            .areturn());
        });
    }

    private void ask(ClassBuilder type, ClassDesc client, int index) {
        Classes.method(
                type,
                ClassFile.ACC_PUBLIC,
                methods.get(index),
                signature(index),
                code -> code.aload(0)
                        .getfield(client, "caller", Types.CALLER)
                        .getstatic(model, "SHAPE", Types.SERVICE_SHAPE)
                        .loadConstant(index)
                        .invokevirtual(Types.SERVICE_SHAPE, "operation", BY_INDEX)
                        .aload(1)
                        .checkcast(Types.STRUCT)
                        .aload(2)
                        .invokeinterface(Types.CALLER, "call", INVOKE)
                        .checkcast(service.structure(operations.get(index).output()))
                        .areturn());
    }

    private MethodTypeDesc signature(int index) {
        OperationModel operation = operations.get(index);
        return MethodTypeDesc.of(
                service.structure(operation.output()), service.structure(operation.input()), Types.CALL);
    }

    /** The operation must be one of this service; then its index says which. */
    private void invoke(CodeBuilder code) {
        Label own = code.newLabel();
        code.aload(1)
                .invokevirtual(Types.OPERATION_SHAPE, "service", FACTS)
                .getstatic(model, "SHAPE", Types.SERVICE_SHAPE)
                .if_acmpeq(own);
        Push.fresh(
                code,
                Types.ILLEGAL_ARGUMENT,
                List.of(TEXT),
                inner -> inner.aload(1)
                        .invokevirtual(Types.OPERATION_SHAPE, "toString", MethodTypeDesc.of(TEXT))
                        .loadConstant(" is not of " + service.id())
                        .invokevirtual(TEXT, "concat", MethodTypeDesc.of(TEXT, TEXT)));
        code.athrow();
        code.labelBinding(own)
                .aload(0)
                .aload(1)
                .invokevirtual(Types.OPERATION_SHAPE, "index", MethodTypeDesc.of(ConstantDescs.CD_int))
                .aload(2)
                .aload(3)
                .invokestatic(service.desc(service.invoke()), "invoke", byIndex())
                .areturn();
    }

    /** {@code S3ApiInvoke}: the switch from index to method, out of sight of those who implement the interface. */
    void invoke(Classes classes) {
        ClassDesc name = service.desc(service.invoke());
        Parts parts = new Parts(name, "invoke", byIndex(), 1, operations.size(), CHUNK);
        classes.add(name, ClassFile.ACC_FINAL, type -> {
            Classes.constructor(type);
            Classes.method(type, ClassFile.ACC_STATIC, "invoke", byIndex(), parts::dispatch);
            parts.declare(type);
        });
        parts.write(
                classes,
                (code, index) -> code.aload(0)
                        .aload(2)
                        .checkcast(service.structure(operations.get(index).input()))
                        .aload(3)
                        .invokeinterface(api, methods.get(index), signature(index))
                        .checkcast(Types.STRUCT));
    }

    private MethodTypeDesc byIndex() {
        return MethodTypeDesc.of(Types.STRUCT, api, ConstantDescs.CD_int, Types.STRUCT, Types.CALL);
    }

    private static List<String> methods(ServiceModel model) {
        Set<String> used = Names.used("service", "invoke");
        List<String> methods = new ArrayList<>();
        for (OperationModel operation : model.operations()) {
            methods.add(Names.unique(Names.method(operation.name()), used));
        }
        return methods;
    }
}
