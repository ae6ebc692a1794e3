package dev.haneul.codegen.generator;

import java.lang.classfile.TypeAnnotation;
import java.lang.classfile.TypeAnnotation.TargetInfo;
import java.lang.classfile.TypeAnnotation.TypePathComponent;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.ArrayList;
import java.util.List;

/**
 * The Java type of a shape's values.
 *
 * @param erased what descriptors name
 * @param signature as generic signatures spell it
 * @param nullable where in it a type argument may be null: each a way of argument indexes from the outside in
 */
record ValueType(ClassDesc erased, String signature, List<List<Integer>> nullable) {
    static ValueType of(ClassDesc plain) {
        return new ValueType(plain, plain.descriptorString(), List.of());
    }

    /** {@code List<element>}; a sparse one holds nulls. */
    static ValueType list(ValueType element, boolean sparse) {
        String signature = "Ljava/util/List<" + element.signature + ">;";
        return new ValueType(ConstantDescs.CD_List, signature, element.within(0, sparse));
    }

    /** {@code Map<String, value>}; a sparse one holds null values. */
    static ValueType map(ValueType value, boolean sparse) {
        String signature = "Ljava/util/Map<Ljava/lang/String;" + value.signature + ">;";
        return new ValueType(ConstantDescs.CD_Map, signature, value.within(1, sparse));
    }

    boolean isList() {
        return erased.equals(ConstantDescs.CD_List);
    }

    boolean isCollection() {
        return isList() || erased.equals(ConstantDescs.CD_Map);
    }

    /** The {@code @Nullable}s of a method's return or parameter of this type. */
    List<TypeAnnotation> annotations(TargetInfo target, boolean mayBeNull) {
        List<TypeAnnotation> annotations = new ArrayList<>();
        if (mayBeNull) {
            annotations.add(TypeAnnotation.of(target, List.of(), Types.NULLABLE));
        }
        for (List<Integer> way : nullable) {
            List<TypePathComponent> path = way.stream()
                    .map(argument -> TypePathComponent.of(TypePathComponent.Kind.TYPE_ARGUMENT, argument))
                    .toList();
            annotations.add(TypeAnnotation.of(target, path, Types.NULLABLE));
        }
        return annotations;
    }

    private List<List<Integer>> within(int argument, boolean mayBeNull) {
        List<List<Integer>> ways = new ArrayList<>();
        if (mayBeNull) {
            ways.add(List.of(argument));
        }
        for (List<Integer> way : nullable) {
            List<Integer> longer = new ArrayList<>(List.of(argument));
            longer.addAll(way);
            ways.add(longer);
        }
        return ways;
    }
}
