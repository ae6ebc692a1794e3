package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.ShapeModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Signature;
import java.lang.classfile.attribute.ConstantValueAttribute;
import java.lang.classfile.attribute.SignatureAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The values of an enumeration as string constants: AWS adds values, so readers must live with unknown ones. */
final class EnumWriter {
    static final SignatureAttribute LIST_OF_STRINGS =
            SignatureAttribute.of(Signature.parseFrom("Ljava/util/List<Ljava/lang/String;>;"));

    private static final int MANY = 32;
    /** In characters; a constant holds 65,535 bytes, a character of it three at most. */
    private static final int LONGEST_LITERAL = 20_000;

    private final ServicePackage service;

    EnumWriter(ServicePackage service) {
        this.service = service;
    }

    void write(ShapeModel shape, Classes classes) {
        ClassDesc name = service.structure(shape.name());
        List<String> values = shape.limits().values();
        classes.add(name, Classes.PUBLIC_FINAL, type -> {
            Set<String> used = Names.used("VALUES");
            for (String value : values) {
                String constant = Names.unique(Names.constant(value), used);
                type.withField(
                        constant,
                        ConstantDescs.CD_String,
                        field -> field.withFlags(Classes.PUBLIC_CONSTANT).with(ConstantValueAttribute.of(value)));
            }
            type.withField(
                    "VALUES",
                    ConstantDescs.CD_List,
                    field -> field.withFlags(Classes.PUBLIC_CONSTANT).with(LIST_OF_STRINGS));
            Classes.initialiser(type, code -> {
                list(code, values);
                code.putstatic(name, "VALUES", ConstantDescs.CD_List);
            });
            Classes.constructor(type);
        });
    }

    /** Many values as one string: each literal of its own costs a look-up when the class starts. */
    private static void list(CodeBuilder code, List<String> values) {
        String joined = String.join("\n", values);
        boolean splits = values.size() > MANY
                && joined.length() < LONGEST_LITERAL
                && List.of(joined.split("\n", -1)).equals(values);
        if (splits) {
            Push.split(code, joined, "\n");
            return;
        }
        List<Consumer<CodeBuilder>> literals = values.stream()
                .<Consumer<CodeBuilder>>map(value -> inner -> inner.loadConstant(value))
                .toList();
        Push.collection(code, ConstantDescs.CD_List, ConstantDescs.CD_String, literals);
    }
}
