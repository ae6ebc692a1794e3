package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.api.client.LambdaRequestHandler;
import com.amazonaws.services.lambda.runtime.api.client.logging.LambdaContextLogger;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClient;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClientImpl;
import com.amazonaws.services.lambda.runtime.api.client.util.ConcurrencyConfig;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * The main class of a function's JVM: AWS's client, step by step as its own main class takes them, but with an ear at the
 * door that waits for a server that went away.
 */
public final class Serving {
    private Serving() {}

    /** @param arguments the handler */
    public static void main(String[] arguments) throws Throwable {
        Thread ahead = new Thread(Documents::warm, "documents");
        ahead.setDaemon(true);
        ahead.start();
        serve(arguments[0], client());
    }

    /** AWS's connection to the Runtime API, whose library is loaded and made ready here. */
    static LambdaRuntimeApiClient client() {
        return new PatientClient(new LambdaRuntimeApiClientImpl(System.getenv("AWS_LAMBDA_RUNTIME_API")));
    }

    /** Serves until the JVM is ended. */
    static void serve(String handler, LambdaRuntimeApiClient client) throws Throwable {
        Method logger;
        Method load;
        Method loop;
        try {
            logger = step("initLogger");
            load = step(
                    "getLambdaRequestHandlerObject",
                    String.class,
                    LambdaContextLogger.class,
                    LambdaRuntimeApiClient.class);
            loop = step(
                    "startRuntimeLoops",
                    LambdaRequestHandler.class,
                    LambdaContextLogger.class,
                    ConcurrencyConfig.class,
                    LambdaRuntimeApiClient.class);
        } catch (NoSuchMethodException e) {
            AWSLambda.main(new String[] {handler}); // another release of the client: its own way, without the waiting
            return;
        }
        try (LambdaContextLogger log = (LambdaContextLogger) call(logger)) {
            Object loaded = call(load, handler, log, client);
            call(loop, loaded, log, new ConcurrencyConfig(log), client);
        } catch (IOException | ClassNotFoundException e) {
            throw new Error(e); // as the client's own main class has it
        }
    }

    private static Method step(String name, Class<?>... parameters) throws NoSuchMethodException {
        Method step = AWSLambda.class.getDeclaredMethod(name, parameters);
        step.setAccessible(true);
        return step;
    }

    private static Object call(Method step, Object... arguments) throws Throwable {
        try {
            return step.invoke(null, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
