package dev.haneul.codegen.generator;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.attribute.InnerClassInfo;
import java.lang.classfile.attribute.InnerClassesAttribute;
import java.lang.classfile.attribute.NestHostAttribute;
import java.lang.classfile.attribute.NestMembersAttribute;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjIntConsumer;

/**
 * A long switch cut into nested classes. A class is verified as a whole when it is first used, and HotSpot compiles no
 * method above 8,000 bytes, so a table of thousands of cases is kept in parts of which most are never loaded.
 *
 * @param outer the class whose parts they are
 * @param method the name of each part's one static method, which answers a reference
 * @param signature of that method; one of its parameters is the index
 * @param index the slot of the index
 */
record Parts(ClassDesc outer, String method, MethodTypeDesc signature, int index, int cases, int casesPerPart) {
    /** The switch that hands an index to its part, as the last statement of a static method of the same signature. */
    void dispatch(CodeBuilder code) {
        dispatch(code, 0);
    }

    /** As {@link #dispatch(CodeBuilder)}, in a method whose parameters start at the slot {@code first}. */
    void dispatch(CodeBuilder code, int first) {
        code.iload(first + index).loadConstant(casesPerPart).idiv();
        choose(code, first + index, 0, parts(), (inner, part) -> {
            int slot = first;
            for (ClassDesc parameter : signature.parameterList()) {
                if (parameter.equals(ConstantDescs.CD_int)) {
                    inner.iload(slot++);
                } else {
                    inner.aload(slot++);
                }
            }
            inner.invokestatic(part(part), method, signature).areturn();
        });
    }

    /** The parts, which {@code body} fills: it pushes what the method answers for an index. */
    void write(Classes classes, ObjIntConsumer<CodeBuilder> body) {
        for (int part = 0; part < parts(); part++) {
            int from = part * casesPerPart;
            int to = Math.min(cases, from + casesPerPart);
            ClassDesc name = part(part);
            InnerClassInfo nested = nested(part);
            classes.add(name, ClassFile.ACC_FINAL, type -> {
                type.with(NestHostAttribute.of(outer)).with(InnerClassesAttribute.of(nested));
                Classes.constructor(type);
                Classes.method(type, ClassFile.ACC_STATIC, method, signature, code -> {
                    code.iload(index);
                    choose(code, index, from, to, (inner, at) -> {
                        body.accept(inner, at);
                        inner.areturn();
                    });
                });
            });
        }
    }

    /** What the outer class says of its parts. */
    void declare(ClassBuilder type) {
        if (parts() == 0) {
            return;
        }
        List<InnerClassInfo> nested = new ArrayList<>();
        List<ClassDesc> names = new ArrayList<>();
        for (int part = 0; part < parts(); part++) {
            nested.add(nested(part));
            names.add(part(part));
        }
        type.with(InnerClassesAttribute.of(nested)).with(NestMembersAttribute.ofSymbols(names));
    }

    /**
     * Switches over the number on the stack. Each case leaves the method, and so does what is outside: with the index of
     * the slot {@code slot} in its exception.
     */
    static void choose(CodeBuilder code, int slot, int from, int to, ObjIntConsumer<CodeBuilder> body) {
        Label outside = code.newLabel();
        List<SwitchCase> targets = new ArrayList<>();
        for (int at = from; at < to; at++) {
            targets.add(SwitchCase.of(at, code.newLabel()));
        }
        if (targets.isEmpty()) {
            code.pop();
        } else {
            code.tableswitch(from, to - 1, outside, targets);
        }
        for (SwitchCase target : targets) {
            code.labelBinding(target.target());
            body.accept(code, target.caseValue());
        }
        code.labelBinding(outside);
        Push.fresh(code, Types.OUT_OF_BOUNDS, List.of(ConstantDescs.CD_int), inner -> inner.iload(slot));
        code.athrow();
    }

    private int parts() {
        return (cases + casesPerPart - 1) / casesPerPart;
    }

    private ClassDesc part(int part) {
        return outer.nested("Part" + part);
    }

    private InnerClassInfo nested(int part) {
        int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_FINAL;
        return InnerClassInfo.of(part(part), Optional.of(outer), Optional.of("Part" + part), flags);
    }
}
