package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.api.client.LambdaEnvironment;
import com.amazonaws.services.lambda.runtime.api.client.LambdaRequestHandler;
import com.amazonaws.services.lambda.runtime.api.client.UserFault;
import com.amazonaws.services.lambda.runtime.api.client.logging.FramedTelemetryLogSink;
import com.amazonaws.services.lambda.runtime.api.client.logging.LambdaContextLogger;
import com.amazonaws.services.lambda.runtime.api.client.util.LambdaOutputStream;
import com.amazonaws.services.lambda.runtime.logging.LogFormat;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a JVM whose function takes and gives plain documents, or streams: it does what AWS's client does for
 * such a function, with that client's own parts, but for the serializer, the native library and the method handles that
 * take most of a start. Whatever is out of the ordinary goes AWS's whole way, see {@link Serving}, before anything of the
 * function's has run.
 */
public final class PlainServing {
    private static final String OWN_SERIALIZER =
            "META-INF/services/com.amazonaws.services.lambda.runtime.CustomPojoSerializer";
    private static final String NEGATIVE_TTL = "AWS_LAMBDA_JAVA_NETWORKADDRESS_CACHE_NEGATIVE_TTL";
    private static final String SECURITY = "java.security.properties";
    /** The first address asks for this, and all of Java's properties of security are read where it is not set. */
    private static final String IN_EXCEPTIONS = "jdk.includeInExceptions";

    private static final String JAVAS_OWN = "hostInfoExclSocket";
    /** The log, and the loader for Log4j's appender, are looked for by way of these. */
    private static final String LOG = "com.amazonaws.services.lambda.runtime.LambdaRuntime";

    private static final String LOG4J = "com.amazonaws.services.lambda.runtime.LambdaRuntimeInternal";
    private static final String METHOD_MARK = "::";

    private final FunctionLoader loader;
    private final String className;
    private final PlainHandler handler;

    private PlainServing(FunctionLoader loader, String className, PlainHandler handler) {
        this.loader = loader;
        this.className = className;
        this.handler = handler;
    }

    /** @param arguments the handler, and the file of the properties that AWS's client sets of Java's security */
    public static void main(String[] arguments) throws Throwable {
        if (isPlain()) {
            secure(arguments[1]);
            RuntimeDoor door = new RuntimeDoor(System.getenv("AWS_LAMBDA_RUNTIME_API"));
            Thread knocking = door.connectMeanwhile();
            PlainServing serving = of(arguments[0]);
            if (serving != null) {
                serving.serve(door, knocking);
                return;
            }
            knocking.join();
            door.hangUp();
        }
        Serving.main(new String[] {arguments[0]});
    }

    /** Whether nothing is asked for that only AWS's own loop does. */
    private static boolean isPlain() {
        return "1".equals(System.getenv("_LAMBDA_TELEMETRY_LOG_FD"))
                && System.getenv("AWS_LAMBDA_MAX_CONCURRENCY") == null
                && !"snap-start".equals(System.getenv("AWS_LAMBDA_INITIALIZATION_TYPE"));
    }

    private static @Nullable PlainServing of(String handler) throws IOException {
        FunctionLoader loader = new FunctionLoader(System.getProperty("user.dir"));
        if (loader.findResource(OWN_SERIALIZER) != null) {
            return null;
        }
        int mark = handler.indexOf(METHOD_MARK);
        String className = mark < 0 ? handler : handler.substring(0, mark);
        String method = mark < 0 ? null : handler.substring(mark + METHOD_MARK.length());
        try {
            PlainHandler plain = PlainHandler.of(Class.forName(className, false, loader), method);
            return plain == null ? null : new PlainServing(loader, className, plain);
        } catch (ClassNotFoundException | LinkageError | TypeNotPresentException e) {
            return null; // AWS's client says what is wrong
        }
    }

    /** AWS's client sets these at its start, for which Java reads all of its own; named, they are read when needed. */
    private static void secure(String properties) {
        preset(SECURITY, properties);
        preset(IN_EXCEPTIONS, JAVAS_OWN);
        String ttl = System.getenv(NEGATIVE_TTL);
        if (ttl != null) {
            Security.setProperty("networkaddress.cache.negative.ttl", ttl);
        }
    }

    private static void preset(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }

    private void serve(RuntimeDoor door, Thread knocking) throws Throwable {
        System.setOut(new PrintStream(new LambdaOutputStream(System.out), false, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new LambdaOutputStream(System.err), false, StandardCharsets.UTF_8));
        try (LambdaContextLogger log = new LambdaContextLogger(
                new FramedTelemetryLogSink(FileDescriptor.out),
                LogLevel.fromString(LambdaEnvironment.LAMBDA_LOG_LEVEL),
                LogFormat.fromString(LambdaEnvironment.LAMBDA_LOG_FORMAT))) {
            loader.before(LOG, () -> put(LambdaRuntime.class, "logger", log));
            loader.before(LOG4J, () -> put(AWSLambda.class, "customerClassLoader", loader));
            Thread.currentThread().setContextClassLoader(loader);
            knocking.join(); // the function is to see no thread of ours
            UserFault fault = made(log, door);
            new PlainLoop(door, log, handler, fault).run();
        }
    }

    /**
     * What AWS's client keeps for functions that look for it, put there once one does: Java makes code for that, which
     * takes its time.
     */
    private static void put(Class<?> holder, String name, Object value) {
        try {
            Field field = holder.getDeclaredField(name);
            field.setAccessible(true);
            field.set(null, value);
        } catch (ReflectiveOperationException e) {
            return; // another release keeps it elsewhere
        }
    }

    /**
     * Initialises the function's class and makes one of it. What goes wrong ends the JVM as it does in AWS's client, or
     * is answered to each event.
     */
    private @Nullable UserFault made(LambdaContextLogger log, RuntimeDoor door) throws IOException {
        UserFault fault;
        try {
            Class.forName(className, true, loader);
            handler.make();
            return null;
        } catch (NoClassDefFoundError e) {
            return initFault(e);
        } catch (LinkageError e) {
            fault = initFault(e);
        } catch (Throwable t) {
            fault = UserFault.makeUserFault(Traces.ofFunction(t), true);
        }
        PlainLoop.tell(log, fault);
        door.reportInitError(PlainLoop.error(fault));
        System.exit(1);
        return fault;
    }

    private UserFault initFault(Throwable t) {
        return ((LambdaRequestHandler.UserFaultHandler) LambdaRequestHandler.initErrorHandler(t, className)).fault;
    }
}
