package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.api.client.LambdaRequestHandler;
import com.amazonaws.services.lambda.runtime.api.client.logging.LambdaContextLogger;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClient;
import com.amazonaws.services.lambda.runtime.api.client.util.ConcurrencyConfig;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Calls by reflection as they will be made once the function is known. Java generates code for the first call of each
 * shape, which takes longer than all the rest of a start: so each is called once before, in vain.
 */
final class Shapes {
    private Shapes() {}

    /** Makes the calls. A release of the client that has other shapes is merely not helped. */
    static void warm() throws ReflectiveOperationException {
        for (Method method : Shapes.class.getDeclaredMethods()) {
            if (!method.getName().equals("warm")) {
                method.setAccessible(true);
                method.invoke(null, new Object[method.getParameterCount()]);
            }
        }
        Descriptor.class.getDeclaredConstructor(int.class).newInstance(1);
        Handler handler = Handler.class.getDeclaredConstructor().newInstance();
        for (Method method : Handler.class.getDeclaredMethods()) {
            method.invoke(handler, new Object[method.getParameterCount()]);
        }
    }

    // --- the steps of AWS's client, see Serving ---

    private static @Nullable LambdaContextLogger logger() {
        return null;
    }

    private static @Nullable LambdaRequestHandler load(
            String handler, LambdaContextLogger log, LambdaRuntimeApiClient client) {
        return null;
    }

    private static void loop(
            LambdaRequestHandler handler,
            LambdaContextLogger log,
            ConcurrencyConfig concurrency,
            LambdaRuntimeApiClient client) {}

    /** As the client makes a {@code FileDescriptor} of the log's number. */
    static final class Descriptor {
        Descriptor(int number) {}
    }

    /** A function's class, and how its method may look. */
    static final class Handler {
        Handler() {}

        @Nullable
        Object event(Object event) {
            return null;
        }

        @Nullable
        Object eventAndContext(Object event, Object context) {
            return null;
        }

        void nothing(Object event, Object context) {}

        void streams(Object in, Object out, Object context) {}
    }
}
