package dev.haneul.codegen.generator;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.attribute.RuntimeVisibleAnnotationsAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The class files made so far, by path below the root of the class path. */
final class Classes {
    static final int PUBLIC_FINAL = ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL;
    static final int PUBLIC_CONSTANT = ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC | ClassFile.ACC_FINAL;

    private final Map<Path, byte[]> files = new LinkedHashMap<>();

    Map<Path, byte[]> files() {
        return files;
    }

    /** A class; {@code flags} without the one that every class has. */
    void add(ClassDesc name, int flags, Consumer<ClassBuilder> parts) {
        put(name, flags | ClassFile.ACC_SUPER, parts);
    }

    void addInterface(ClassDesc name, Consumer<ClassBuilder> parts) {
        put(name, ClassFile.ACC_PUBLIC | ClassFile.ACC_INTERFACE | ClassFile.ACC_ABSTRACT, parts);
    }

    /** The {@code package-info} that says of a package that its types are not null unless they say so. */
    void addPackage(String name) {
        int flags = ClassFile.ACC_INTERFACE | ClassFile.ACC_ABSTRACT | ClassFile.ACC_SYNTHETIC;
        put(
                ClassDesc.of(name, "package-info"),
                flags,
                type -> type.with(RuntimeVisibleAnnotationsAttribute.of(Types.NULL_MARKED)));
    }

    private void put(ClassDesc name, int flags, Consumer<ClassBuilder> parts) {
        byte[] bytes = ClassFile.of().build(name, type -> {
            type.withVersion(ClassFile.JAVA_25_VERSION, 0).withFlags(flags);
            parts.accept(type);
        });
        String descriptor = name.descriptorString();
        files.put(Path.of(descriptor.substring(1, descriptor.length() - 1) + ".class"), bytes);
    }

    /** A method that is its code and nothing else. */
    static void method(
            ClassBuilder type, int flags, String name, MethodTypeDesc signature, Consumer<CodeBuilder> body) {
        type.withMethodBody(name, signature, flags, body);
    }

    /** A private constructor without parameters. */
    static void constructor(ClassBuilder type) {
        method(
                type,
                ClassFile.ACC_PRIVATE,
                ConstantDescs.INIT_NAME,
                ConstantDescs.MTD_void,
                code -> code.aload(0)
                        .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                        .return_());
    }

    static void initialiser(ClassBuilder type, Consumer<CodeBuilder> body) {
        method(type, ClassFile.ACC_STATIC, ConstantDescs.CLASS_INIT_NAME, ConstantDescs.MTD_void, code -> {
            body.accept(code);
            code.return_();
        });
    }
}
