package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.ShapeModel;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Signature;
import java.lang.classfile.TypeAnnotation;
import java.lang.classfile.TypeAnnotation.TargetInfo;
import java.lang.classfile.TypeAnnotation.TypePathComponent;
import java.lang.classfile.attribute.ConstantValueAttribute;
import java.lang.classfile.attribute.RuntimeVisibleTypeAnnotationsAttribute;
import java.lang.classfile.attribute.SignatureAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;

/** The table that makes a service's shapes when they are first asked for. */
final class ShapesWriter {
    /** Shapes a method: about 30 bytes of code each, HotSpot compiles no method above 8,000. */
    private static final int CHUNK = 200;

    private static final MethodTypeDesc BY_INDEX = MethodTypeDesc.of(Types.SHAPE, ConstantDescs.CD_int);

    private final ServicePackage service;
    private final Expressions expressions;

    ShapesWriter(ServicePackage service) {
        this.service = service;
        this.expressions = new Expressions(service);
    }

    void write(Classes classes) {
        List<ShapeModel> shapes = service.model().shapes();
        ClassDesc name = service.desc(service.table());
        Parts parts = new Parts(name, "make", BY_INDEX, 0, shapes.size(), CHUNK);
        classes.add(name, Classes.PUBLIC_FINAL, type -> {
            type.withInterfaceSymbols(Types.SHAPE_TABLE);
            fields(type, name, shapes.size());
            Classes.initialiser(type, code -> {
                Push.fresh(code, name, List.of(), inner -> {});
                code.putstatic(name, "TABLE", name);
            });
            constructor(type, name, shapes.size());
            Classes.method(type, ClassFile.ACC_PUBLIC, "at", BY_INDEX, code -> at(code, name));
            Classes.method(type, ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC, "make", BY_INDEX, parts::dispatch);
            parts.declare(type);
        });
        parts.write(classes, (code, index) -> expressions.shape(code, shapes.get(index)));
    }

    private static void fields(ClassBuilder type, ClassDesc name, int size) {
        type.withField(
                "SIZE",
                ConstantDescs.CD_int,
                field -> field.withFlags(Classes.PUBLIC_CONSTANT).with(ConstantValueAttribute.of(size)));
        type.withField("TABLE", name, Classes.PUBLIC_CONSTANT);
        String made = "Ljava/util/concurrent/atomic/AtomicReferenceArray<" + Types.SHAPE.descriptorString() + ">;";
        TypePathComponent argument = TypePathComponent.of(TypePathComponent.Kind.TYPE_ARGUMENT, 0);
        type.withField(
                "made",
                Types.ATOMIC_ARRAY,
                field -> field.withFlags(ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL)
                        .with(SignatureAttribute.of(Signature.parseFrom(made)))
                        .with(RuntimeVisibleTypeAnnotationsAttribute.of(
                                TypeAnnotation.of(TargetInfo.ofField(), List.of(argument), Types.NULLABLE))));
    }

    private static void constructor(ClassBuilder type, ClassDesc name, int size) {
        Classes.method(type, ClassFile.ACC_PRIVATE, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, code -> {
            code.aload(0)
                    .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                    .aload(0);
            Push.fresh(code, Types.ATOMIC_ARRAY, List.of(ConstantDescs.CD_int), inner -> inner.loadConstant(size));
            code.putfield(name, "made", Types.ATOMIC_ARRAY).return_();
        });
    }

    /** Two may make the same shape at a time; the first one made is everybody's. */
    private static void at(CodeBuilder code, ClassDesc name) {
        MethodTypeDesc get = MethodTypeDesc.of(ConstantDescs.CD_Object, ConstantDescs.CD_int);
        MethodTypeDesc exchange = MethodTypeDesc.of(
                ConstantDescs.CD_Object, ConstantDescs.CD_int, ConstantDescs.CD_Object, ConstantDescs.CD_Object);
        Label unknown = code.newLabel();
        Label late = code.newLabel();
        code.aload(0).getfield(name, "made", Types.ATOMIC_ARRAY).iload(1);
        code.invokevirtual(Types.ATOMIC_ARRAY, "get", get)
                .checkcast(Types.SHAPE)
                .astore(2);
        code.aload(2).ifnull(unknown).aload(2).areturn();
        code.labelBinding(unknown).iload(1).invokestatic(name, "make", BY_INDEX).astore(2);
        code.aload(0)
                .getfield(name, "made", Types.ATOMIC_ARRAY)
                .iload(1)
                .aconst_null()
                .aload(2);
        code.invokevirtual(Types.ATOMIC_ARRAY, "compareAndExchange", exchange)
                .checkcast(Types.SHAPE)
                .astore(3);
        code.aload(3).ifnonnull(late).aload(2).areturn();
        code.labelBinding(late).aload(3).areturn();
    }
}
