package dev.haneul.codegen.generator;

import java.lang.classfile.Annotation;
import java.lang.constant.ClassDesc;

/** The classes that generated code names: the runtime's and the JDK's. */
final class Types {
    static final ClassDesc API = runtime("Api");
    static final ClassDesc BODY = runtime("Body");
    static final ClassDesc CALL = runtime("Call");
    static final ClassDesc CALLER = runtime("Caller");
    static final ClassDesc CONSTRAINTS = runtime("Constraints");
    static final ClassDesc EVENT_STREAM = runtime("EventStream");
    static final ClassDesc FAULT = runtime("Fault");
    static final ClassDesc FAULTS = runtime("Faults");
    static final ClassDesc KIND = runtime("Kind");
    static final ClassDesc LIST_SHAPE = runtime("ListShape");
    static final ClassDesc LOCATION = runtime("Location");
    static final ClassDesc MAP_SHAPE = runtime("MapShape");
    static final ClassDesc MEMBER = runtime("Member");
    static final ClassDesc MEMBER_FLAG = runtime("Member$Flag");
    static final ClassDesc OPERATION_SHAPE = runtime("OperationShape");
    static final ClassDesc OPERATION_TABLE = runtime("OperationTable");
    static final ClassDesc OPERATION_TRAIT = runtime("OperationShape$Trait");
    static final ClassDesc PROTOCOL = runtime("Protocol");
    static final ClassDesc SERVICE_FACTS = runtime("ServiceShape$Facts");
    static final ClassDesc SERVICE_SHAPE = runtime("ServiceShape");
    static final ClassDesc SERVICE_TABLES = runtime("ServiceTables");
    static final ClassDesc SHAPE = runtime("Shape");
    static final ClassDesc SHAPE_TABLE = runtime("ShapeTable");
    static final ClassDesc SIMPLE_SHAPE = runtime("SimpleShape");
    static final ClassDesc STRUCT = runtime("Struct");
    static final ClassDesc STRUCT_ERROR = runtime("StructShape$ErrorTrait");
    static final ClassDesc STRUCT_SHAPE = runtime("StructShape");
    static final ClassDesc TIMESTAMP_FORMAT = runtime("TimestampFormat");

    static final ClassDesc CATALOG = ClassDesc.of(CatalogWriter.PACKAGE, CatalogWriter.NAME);

    static final ClassDesc ATOMIC_ARRAY = ClassDesc.of("java.util.concurrent.atomic.AtomicReferenceArray");
    static final ClassDesc BIG_DECIMAL = ClassDesc.of("java.math.BigDecimal");
    static final ClassDesc BIG_INTEGER = ClassDesc.of("java.math.BigInteger");
    static final ClassDesc BYTES = ClassDesc.ofDescriptor("[B");
    static final ClassDesc ILLEGAL_ARGUMENT = ClassDesc.of("java.lang.IllegalArgumentException");
    static final ClassDesc INSTANT = ClassDesc.of("java.time.Instant");
    static final ClassDesc ITERATOR = ClassDesc.of("java.util.Iterator");
    static final ClassDesc OUT_OF_BOUNDS = ClassDesc.of("java.lang.IndexOutOfBoundsException");

    static final Annotation NULL_MARKED = Annotation.of(ClassDesc.of("org.jspecify.annotations.NullMarked"));
    static final Annotation NULLABLE = Annotation.of(ClassDesc.of("org.jspecify.annotations.Nullable"));

    private Types() {}

    private static ClassDesc runtime(String name) {
        return ClassDesc.of("dev.haneul.api.runtime", name);
    }
}
