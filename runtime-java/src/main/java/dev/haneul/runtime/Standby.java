package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClient;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.Collections;
import java.util.Map;

/**
 * The main class of a JVM that stands by. It makes ready what every function needs, waits at its gate for the variables
 * of the function it will be, and hands over to AWS's client.
 */
public final class Standby {
    /** Classes of the client that each start needs and that look at no variable when they are loaded. */
    private static final String[] NEEDED = {
        "AWSLambda",
        "ClasspathLoader",
        "CustomerClassLoader",
        "EventHandlerLoader",
        "EventHandlerLoader$1",
        "EventHandlerLoader$2",
        "EventHandlerLoader$ClassContext",
        "EventHandlerLoader$Platform",
        "EventHandlerLoader$PojoHandlerAsStreamHandler",
        "EventHandlerLoader$PojoMethodRequestHandler",
        "EventHandlerLoader$StreamMethodRequestHandler",
        "HandlerInfo",
        "LambdaEnvironment",
        "LambdaRequestHandler",
        "PojoSerializerLoader",
        "UserFault",
        "api.LambdaContext",
        "api.LambdaCognitoIdentity",
        "logging.FramedTelemetryLogSink",
        "logging.LambdaContextLogger",
        "logging.StdOutLogSink",
        "logging.TextLogFormatter",
        "runtimeapi.DtoSerializers",
        "runtimeapi.LambdaRuntimeApiClientImpl",
        "runtimeapi.NativeClient",
        "runtimeapi.dto.InvocationRequest",
        "util.LambdaOutputStream",
    };

    /** Those of them, and of what they use, that look at no variable when they are initialised either. */
    private static final String[] READY = {
        "com.amazonaws.services.lambda.runtime.api.client.CustomerClassLoader",
        "com.amazonaws.services.lambda.runtime.api.client.EventHandlerLoader",
        "com.amazonaws.services.lambda.runtime.api.client.EventHandlerLoader$Platform",
        "com.amazonaws.services.lambda.runtime.api.client.HandlerInfo",
        "com.amazonaws.services.lambda.runtime.api.client.PojoSerializerLoader",
        "com.amazonaws.services.lambda.runtime.api.client.api.LambdaContext",
        "com.amazonaws.services.lambda.runtime.api.client.util.UnsafeUtil",
        "com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers",
        "com.amazonaws.services.lambda.runtime.serialization.util.ReflectUtil",
        "software.amazon.awssdk.utilslite.SdkInternalThreadLocal",
    };

    private static final String CLIENT = "com.amazonaws.services.lambda.runtime.api.client.";

    private Standby() {}

    /** Waits, then serves. The handler comes with the variables, as {@code _HANDLER}. */
    public static void main(String[] arguments) throws Throwable {
        load();
        warm();
        Shapes.warm();
        Map<String, String> variables = variables();
        LambdaRuntimeApiClient client = Serving.client();
        byte[] told = Files.readAllBytes(Path.of(variables.get("HANEUL_GATE")));
        if (told.length == 0) {
            return; // the server that would have told it has gone
        }
        become(variables, new String(told, StandardCharsets.UTF_8).split("\0", -1));
        Serving.serve(System.getenv("_HANDLER"), client);
    }

    private static void load() {
        load(false, CLIENT, NEEDED);
        load(true, "", READY);
        load(false, "dev.haneul.runtime.", "Serving", "PatientClient", "Patience", "Patience$Knock");
    }

    private static void load(boolean initialise, String prefix, String... names) {
        ClassLoader loader = Standby.class.getClassLoader();
        for (String name : names) {
            try {
                Class.forName(prefix + name, initialise, loader);
            } catch (ClassNotFoundException e) {
                continue; // another release of the client: it loads its own when it comes to it
            }
        }
    }

    /**
     * The first document read and written costs more than all later ones; and the client sets a property of the JDK's
     * security, for which that reads its files and makes its loggers.
     */
    private static void warm() {
        String algorithms = "jdk.tls.disabledAlgorithms";
        Security.setProperty(algorithms, Security.getProperty(algorithms));
        Documents.warm();
        logger();
    }

    /** The client puts its logger where functions find it, by reflection: Java makes the code for that the first time. */
    private static void logger() {
        try {
            Field shared = LambdaRuntime.class.getDeclaredField("logger");
            shared.setAccessible(true);
            shared.set(null, shared.get(null));
        } catch (ReflectiveOperationException e) {
            return; // another release of the client: it does without
        }
    }

    /**
     * The map behind {@link System#getenv()}. There is no way of Java's own to change variables after a JVM's start, and
     * one that a function can tell from the usual start would be none; so that map is opened.
     */
    @SuppressWarnings("unchecked")
    private static Map<String, String> variables() throws ReflectiveOperationException {
        Field shown = Class.forName("java.lang.ProcessEnvironment").getDeclaredField("theUnmodifiableEnvironment");
        shown.setAccessible(true);
        Field behind = Collections.unmodifiableMap(Map.of()).getClass().getDeclaredField("m");
        behind.setAccessible(true);
        return (Map<String, String>) behind.get(shown.get(null));
    }

    /** Gives this JVM the function's variables. */
    private static void become(Map<String, String> variables, String[] told) {
        variables.remove("HANEUL_GATE");
        for (int i = 0; i + 1 < told.length; i += 2) {
            variables.put(told[i], told[i + 1]);
        }
    }
}
