package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.ServiceModel;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Signature;
import java.lang.classfile.attribute.SignatureAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The list of all services. What routes requests needs their facts and nothing more, so these stand in one class, and a
 * service's own classes are loaded when it is first called.
 */
final class CatalogWriter {
    static final String PACKAGE = "dev.haneul.api";
    static final String NAME = "Catalog";

    private static final ClassDesc TEXT = ConstantDescs.CD_String;
    private static final MethodTypeDesc BY_NUMBER = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
    private static final List<ClassDesc> FACTS = List.of(
            TEXT,
            TEXT,
            TEXT,
            TEXT,
            TEXT,
            ConstantDescs.CD_List,
            TEXT,
            TEXT,
            ConstantDescs.CD_boolean,
            ConstantDescs.CD_boolean);

    private final List<ServicePackage> services;

    CatalogWriter(List<ServicePackage> services) {
        this.services = services;
    }

    void write(Classes classes) {
        String list = "Ljava/util/List<" + Types.SERVICE_SHAPE.descriptorString() + ">;";
        classes.add(Types.CATALOG, Classes.PUBLIC_FINAL, type -> {
            type.withInterfaceSymbols(Types.SERVICE_TABLES);
            type.withField(
                    "SERVICES",
                    ConstantDescs.CD_List,
                    field -> field.withFlags(Classes.PUBLIC_CONSTANT)
                            .with(SignatureAttribute.of(Signature.parseFrom(list))));
            type.withField("index", ConstantDescs.CD_int, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
            Classes.initialiser(type, this::services);
            Classes.method(
                    type,
                    ClassFile.ACC_PRIVATE,
                    ConstantDescs.INIT_NAME,
                    BY_NUMBER,
                    code -> code.aload(0)
                            .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .aload(0)
                            .iload(1)
                            .putfield(Types.CATALOG, "index", ConstantDescs.CD_int)
                            .return_());
            Classes.method(
                    type,
                    ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                    "service",
                    MethodTypeDesc.of(Types.SERVICE_SHAPE, TEXT),
                    CatalogWriter::find);
            table(type, "shapes", Types.SHAPE_TABLE, ServicePackage::table);
            table(type, "operations", Types.OPERATION_TABLE, ServicePackage::service);
        });
    }

    private void services(CodeBuilder code) {
        List<Consumer<CodeBuilder>> shapes = new ArrayList<>();
        for (int index = 0; index < services.size(); index++) {
            int number = index;
            List<ClassDesc> parameters = List.of(Types.SERVICE_FACTS, Types.SERVICE_TABLES);
            shapes.add(service -> Push.fresh(service, Types.SERVICE_SHAPE, parameters, inner -> {
                facts(inner, services.get(number).model().facts());
                Push.fresh(inner, Types.CATALOG, List.of(ConstantDescs.CD_int), tables -> tables.loadConstant(number));
            }));
        }
        Push.collection(code, ConstantDescs.CD_List, Types.SERVICE_SHAPE, shapes);
        code.putstatic(Types.CATALOG, "SERVICES", ConstantDescs.CD_List);
    }

    /** The service with an id: the first of the list that has it. */
    private static void find(CodeBuilder code) {
        Label next = code.newLabel();
        Label none = code.newLabel();
        code.getstatic(Types.CATALOG, "SERVICES", ConstantDescs.CD_List)
                .invokeinterface(ConstantDescs.CD_List, "iterator", MethodTypeDesc.of(Types.ITERATOR))
                .astore(1);
        code.labelBinding(next)
                .aload(1)
                .invokeinterface(Types.ITERATOR, "hasNext", MethodTypeDesc.of(ConstantDescs.CD_boolean))
                .ifeq(none)
                .aload(1)
                .invokeinterface(Types.ITERATOR, "next", MethodTypeDesc.of(ConstantDescs.CD_Object))
                .checkcast(Types.SERVICE_SHAPE)
                .astore(2);
        code.aload(2)
                .invokevirtual(Types.SERVICE_SHAPE, "id", MethodTypeDesc.of(TEXT))
                .aload(0)
                .invokevirtual(TEXT, "equals", MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_Object))
                .ifeq(next)
                .aload(2)
                .areturn();
        code.labelBinding(none);
        Push.fresh(
                code,
                Types.ILLEGAL_ARGUMENT,
                List.of(TEXT),
                inner -> inner.loadConstant("no service ")
                        .aload(0)
                        .invokestatic(TEXT, "valueOf", MethodTypeDesc.of(TEXT, ConstantDescs.CD_Object))
                        .invokevirtual(TEXT, "concat", MethodTypeDesc.of(TEXT, TEXT)));
        code.athrow();
    }

    private void table(ClassBuilder out, String name, ClassDesc type, Function<ServicePackage, String> holder) {
        Classes.method(out, ClassFile.ACC_PUBLIC, name, MethodTypeDesc.of(type), code -> {
            code.aload(0)
                    .getfield(Types.CATALOG, "index", ConstantDescs.CD_int)
                    .dup()
                    .istore(1);
            Parts.choose(code, 1, 0, services.size(), (inner, index) -> {
                ServicePackage service = services.get(index);
                ClassDesc table = service.desc(holder.apply(service));
                inner.getstatic(table, "TABLE", table).checkcast(type).areturn();
            });
        });
    }

    private static void facts(CodeBuilder code, ServiceModel.Facts facts) {
        List<String> protocols =
                facts.protocols().stream().map(CatalogWriter::protocol).toList();
        Push.fresh(code, Types.SERVICE_FACTS, FACTS, inner -> {
            inner.loadConstant(facts.id());
            inner.loadConstant(facts.sdkId());
            inner.loadConstant(facts.endpointPrefix());
            inner.loadConstant(facts.signingName());
            inner.loadConstant(facts.apiVersion());
            Push.collection(
                    inner, ConstantDescs.CD_List, Types.PROTOCOL, Expressions.constants(Types.PROTOCOL, protocols));
            Push.string(inner, facts.targetPrefix());
            Push.string(inner, facts.xmlNamespace());
            Push.bool(inner, facts.queryCompatible());
            Push.bool(inner, facts.global());
        });
    }

    private static String protocol(String name) {
        return switch (name) {
            case "restXml" -> "REST_XML";
            case "restJson1" -> "REST_JSON_1";
            case "awsJson1_0" -> "AWS_JSON_1_0";
            case "awsJson1_1" -> "AWS_JSON_1_1";
            case "awsQuery" -> "AWS_QUERY";
            case "ec2Query" -> "EC2_QUERY";
            case "rpcv2Cbor" -> "RPC_V2_CBOR";
            default -> throw new IllegalArgumentException("unknown protocol " + name);
        };
    }
}
