package dev.haneul.codegen.generator;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Code that leaves one value on the operand stack. */
final class Push {
    /** {@code List.of} and {@code Set.of} take that many arguments one by one. */
    private static final int MOST_ARGUMENTS = 10;

    private Push() {}

    static void string(CodeBuilder code, @Nullable String value) {
        if (value == null) {
            code.aconst_null();
        } else {
            code.loadConstant(value);
        }
    }

    static void bool(CodeBuilder code, boolean value) {
        code.loadConstant(value ? 1 : 0);
    }

    /** A constant of an enum. */
    static void constant(CodeBuilder code, ClassDesc type, String name) {
        code.getstatic(type, name, type);
    }

    /** A {@code Long}, null for none. */
    static void boxed(CodeBuilder code, @Nullable Long value) {
        if (value == null) {
            code.aconst_null();
        } else {
            code.loadConstant((long) value)
                    .invokestatic(
                            ConstantDescs.CD_Long,
                            "valueOf",
                            MethodTypeDesc.of(ConstantDescs.CD_Long, ConstantDescs.CD_long));
        }
    }

    static void ints(CodeBuilder code, List<Integer> values) {
        code.loadConstant(values.size()).newarray(TypeKind.INT);
        for (int at = 0; at < values.size(); at++) {
            code.dup().loadConstant(at).loadConstant(values.get(at)).iastore();
        }
    }

    static void array(CodeBuilder code, ClassDesc type, List<? extends Consumer<CodeBuilder>> elements) {
        code.loadConstant(elements.size()).anewarray(type);
        for (int at = 0; at < elements.size(); at++) {
            code.dup().loadConstant(at);
            elements.get(at).accept(code);
            code.aastore();
        }
    }

    /** {@code List.of(elements)} or {@code Set.of(elements)}. */
    static void collection(
            CodeBuilder code, ClassDesc of, ClassDesc type, List<? extends Consumer<CodeBuilder>> elements) {
        if (elements.size() <= MOST_ARGUMENTS) {
            elements.forEach(element -> element.accept(code));
            List<ClassDesc> objects = Collections.nCopies(elements.size(), ConstantDescs.CD_Object);
            code.invokestatic(of, "of", MethodTypeDesc.of(of, objects), true);
        } else {
            array(code, type, elements);
            code.invokestatic(of, "of", MethodTypeDesc.of(of, ConstantDescs.CD_Object.arrayType()), true);
        }
    }

    /** {@code List.of(joined.split(separator, -1))}. */
    static void split(CodeBuilder code, String joined, String separator) {
        ClassDesc strings = ConstantDescs.CD_String.arrayType();
        code.loadConstant(joined)
                .loadConstant(separator)
                .loadConstant(-1)
                .invokevirtual(
                        ConstantDescs.CD_String,
                        "split",
                        MethodTypeDesc.of(strings, ConstantDescs.CD_String, ConstantDescs.CD_int))
                .invokestatic(
                        ConstantDescs.CD_List,
                        "of",
                        MethodTypeDesc.of(ConstantDescs.CD_List, ConstantDescs.CD_Object.arrayType()),
                        true);
    }

    /** A new object of what the arguments, already pushed by {@code arguments}, make. */
    static void fresh(CodeBuilder code, ClassDesc type, List<ClassDesc> parameters, Consumer<CodeBuilder> arguments) {
        code.new_(type).dup();
        arguments.accept(code);
        code.invokespecial(type, ConstantDescs.INIT_NAME, MethodTypeDesc.of(ConstantDescs.CD_void, parameters));
    }
}
