package dev.haneul.services.lambda.runtimes;

import dev.haneul.engines.WorkloadSpec.Mount;
import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Signature;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which Java handlers take and give plain documents, or streams, and so can start without most of AWS's client. It is read
 * off their class files; where one only looks like it, its JVM notices and goes the whole way, which takes longer.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html">Lambda function handler in Java</a>
 */
public final class PlainHandlers {
    /** The handler that {@link #trial} makes. */
    static final String TRIAL = "Trial::handle";

    private static final String METHOD_MARK = "::";
    private static final String AWS = "com/amazonaws/services/lambda/runtime/";
    private static final String CONTEXT = "L" + AWS + "Context;";
    private static final Set<String> TAKEN = Set.of(
            "Ljava/lang/Object;",
            "Ljava/lang/String;",
            "Ljava/util/Map;",
            "Ljava/util/Map<Ljava/lang/String;Ljava/lang/Object;>;");
    private static final Set<String> GIVEN = Set.of(
            "V",
            "Ljava/lang/Void;",
            "Z",
            "Ljava/lang/Boolean;",
            "I",
            "Ljava/lang/Integer;",
            "J",
            "Ljava/lang/Long;",
            "Ljava/util/List;");
    private static final int LARGEST_CLASS = 4 << 20;

    private PlainHandlers() {}

    /**
     * Whether a function's handler is such a one.
     *
     * @param given what is mounted for it; its code's folder among that
     */
    static boolean isPlain(List<Mount> given, String handler) throws IOException {
        int mark = handler.indexOf(METHOD_MARK);
        String name = mark < 0 ? handler : handler.substring(0, mark);
        Path file = given.stream()
                .filter(mount ->
                        mount instanceof Mount.Bind bind && bind.target().equals(Runtimes.TASK_ROOT))
                .findFirst()
                .map(mount -> within(((Mount.Bind) mount).source(), name.replace('.', '/') + ".class"))
                .orElse(null);
        if (name.isEmpty() || file == null || !Files.isRegularFile(file) || Files.size(file) > LARGEST_CLASS) {
            return false;
        }
        try {
            ClassModel model = ClassFile.of().parse(Files.readAllBytes(file));
            return mark < 0 ? ofInterface(model) : ofMethod(model, handler.substring(mark + METHOD_MARK.length()));
        } catch (IllegalArgumentException e) {
            return false; // no class file, as its JVM will say
        }
    }

    /** A handler's name is its author's: it leads nowhere else. */
    private static @Nullable Path within(Path folder, String name) {
        Path file = name.indexOf('\0') < 0 ? folder.resolve(name).normalize() : folder;
        return file.startsWith(folder) && !file.equals(folder) ? file : null;
    }

    private static boolean ofInterface(ClassModel model) {
        if (model.interfaces().stream().anyMatch(each -> each.asInternalName().equals(AWS + "RequestStreamHandler"))) {
            return true;
        }
        return model.findAttribute(Attributes.signature()).stream()
                .flatMap(signature -> signature.asClassSignature().superinterfaceSignatures().stream())
                .filter(each -> each.className().equals(AWS + "RequestHandler")
                        && each.typeArgs().size() == 2)
                .anyMatch(each -> isTaken(argument(each.typeArgs().get(0)))
                        && isGiven(argument(each.typeArgs().get(1))));
    }

    private static String argument(Signature.TypeArg argument) {
        return argument instanceof Signature.TypeArg.Bounded bounded
                        && bounded.wildcardIndicator() == Signature.TypeArg.Bounded.WildcardIndicator.NONE
                ? bounded.boundType().signatureString()
                : "";
    }

    private static boolean ofMethod(ClassModel model, String name) {
        List<MethodModel> methods = model.methods().stream()
                .filter(method -> method.methodName().equalsString(name)
                        && method.flags().has(AccessFlag.PUBLIC)
                        && !method.flags().has(AccessFlag.BRIDGE))
                .toList();
        return methods.size() == 1 && isPlain(methods.getFirst());
    }

    private static boolean isPlain(MethodModel method) {
        var signature = method.findAttribute(Attributes.signature());
        List<String> takes;
        String gives;
        if (signature.isPresent()) {
            var generic = signature.get().asMethodSignature();
            takes = generic.arguments().stream().map(Signature::signatureString).toList();
            gives = generic.result().signatureString();
        } else {
            MethodTypeDesc type = method.methodTypeSymbol();
            takes = type.parameterList().stream()
                    .map(ClassDesc::descriptorString)
                    .toList();
            gives = type.returnType().descriptorString();
        }
        boolean plain = takes.isEmpty()
                || takes.size() == 1
                        && (isTaken(takes.getFirst()) || takes.getFirst().equals(CONTEXT))
                || takes.size() == 2
                        && isTaken(takes.getFirst())
                        && takes.getLast().equals(CONTEXT);
        return plain && isGiven(gives) && !method.flags().has(AccessFlag.STATIC);
    }

    private static boolean isTaken(String type) {
        return TAKEN.contains(type);
    }

    private static boolean isGiven(String type) {
        return TAKEN.contains(type) || GIVEN.contains(type);
    }

    /** Puts the class of a handler that answers what it is asked into a folder, for a trial run. */
    public static void trial(Path folder) throws IOException {
        ClassDesc name = ClassDesc.of(TRIAL.substring(0, TRIAL.indexOf(METHOD_MARK)));
        String method = TRIAL.substring(TRIAL.indexOf(METHOD_MARK) + METHOD_MARK.length());
        byte[] bytes = ClassFile.of()
                .build(
                        name,
                        made -> made.withVersion(ClassFile.JAVA_11_VERSION, 0)
                                .withFlags(AccessFlag.PUBLIC)
                                .withMethodBody(
                                        ConstantDescs.INIT_NAME,
                                        ConstantDescs.MTD_void,
                                        ClassFile.ACC_PUBLIC,
                                        code -> code.aload(0)
                                                .invokespecial(
                                                        ConstantDescs.CD_Object,
                                                        ConstantDescs.INIT_NAME,
                                                        ConstantDescs.MTD_void)
                                                .return_())
                                .withMethodBody(
                                        method,
                                        MethodTypeDesc.of(ConstantDescs.CD_Object, ConstantDescs.CD_Object),
                                        ClassFile.ACC_PUBLIC,
                                        code -> code.aload(1).areturn()));
        Files.write(folder.resolve(name.displayName() + ".class"), bytes);
    }
}
