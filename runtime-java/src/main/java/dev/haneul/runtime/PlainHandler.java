package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A function's handler that takes and gives nothing a document has to be fitted to: streams, or the maps, lists, strings
 * and numbers that a document is by itself.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html">Lambda function handler in Java</a>
 */
abstract class PlainHandler {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
    private static final Set<Type> TAKEN = Set.of(Object.class, String.class, Map.class);
    private static final Set<Type> GIVEN =
            Set.of(List.class, boolean.class, Boolean.class, int.class, Integer.class, long.class, Long.class);
    private static final Set<Type> NOTHING = Set.of(void.class, Void.class);

    /**
     * Looks a handler over, without running anything of it.
     *
     * @param type its class
     * @param method its method; null where the class implements an interface of AWS's
     * @return null where it is of another kind, or none
     */
    static @Nullable PlainHandler of(Class<?> type, @Nullable String method) {
        Constructor<?> constructor;
        try {
            constructor = type.getConstructor();
        } catch (NoSuchMethodException e) {
            return null;
        }
        return method == null ? ofInterface(type, constructor) : ofMethod(type, constructor, method);
    }

    private static @Nullable PlainHandler ofInterface(Class<?> type, Constructor<?> constructor) {
        for (Type each : type.getGenericInterfaces()) {
            if (each == RequestStreamHandler.class) {
                return new OfStreams(constructor);
            }
            if (each instanceof ParameterizedType && ((ParameterizedType) each).getRawType() == RequestHandler.class) {
                Type[] both = ((ParameterizedType) each).getActualTypeArguments();
                boolean plain = isTaken(both[0]) && isGiven(both[1]);
                return plain ? new OfDocuments(constructor, both[0], both[1]) : null;
            }
        }
        return null;
    }

    private static @Nullable PlainHandler ofMethod(Class<?> type, Constructor<?> constructor, String name) {
        Method only = null;
        for (Method method : type.getMethods()) {
            if (method.getName().equals(name) && !method.isBridge()) {
                if (only != null) {
                    return null; // which one is meant is AWS's rule
                }
                only = method;
            }
        }
        if (only == null || Modifier.isStatic(only.getModifiers()) || !isGiven(only.getGenericReturnType())) {
            return null;
        }
        Type[] takes = only.getGenericParameterTypes();
        boolean plain = takes.length == 0
                || takes.length == 1 && (isTaken(takes[0]) || takes[0] == Context.class)
                || takes.length == 2 && isTaken(takes[0]) && takes[1] == Context.class;
        return plain ? new OfMethod(constructor, only, takes) : null;
    }

    private static boolean isTaken(Type type) {
        if (TAKEN.contains(type)) {
            return true;
        }
        if (!(type instanceof ParameterizedType)) {
            return false;
        }
        Type[] of = ((ParameterizedType) type).getActualTypeArguments();
        return ((ParameterizedType) type).getRawType() == Map.class && of[0] == String.class && of[1] == Object.class;
    }

    private static boolean isGiven(Type type) {
        return isTaken(type) || GIVEN.contains(type) || NOTHING.contains(type);
    }

    private final Constructor<?> constructor;
    private @Nullable Object instance;

    private PlainHandler(Constructor<?> constructor) {
        this.constructor = constructor;
    }

    /** Makes the function's object; what its constructor throws is thrown. */
    void make() throws Throwable {
        try {
            instance = constructor.newInstance();
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Serves one event with what was made; what the function throws is thrown. */
    final void handle(byte[] event, OutputStream answer, Context context) throws Throwable {
        handle(Objects.requireNonNull(instance), event, answer, context);
    }

    abstract void handle(Object instance, byte[] event, OutputStream answer, Context context) throws Throwable;

    private static final class OfStreams extends PlainHandler {
        OfStreams(Constructor<?> constructor) {
            super(constructor);
        }

        @Override
        void handle(Object instance, byte[] event, OutputStream answer, Context context) throws IOException {
            ((RequestStreamHandler) instance).handleRequest(new ByteArrayInputStream(event), answer, context);
        }
    }

    /** Reads the event and writes what the function gives for it. */
    private abstract static class WithDocuments extends PlainHandler {
        private final @Nullable PlainDocuments events;
        private final @Nullable PlainDocuments answers;

        /** @param takes null where the event is not looked at */
        WithDocuments(Constructor<?> constructor, @Nullable Type takes, Type gives) {
            super(constructor);
            this.events = takes == null ? null : new PlainDocuments(takes);
            this.answers = NOTHING.contains(gives) ? null : new PlainDocuments(gives);
        }

        abstract @Nullable Object call(Object instance, @Nullable Object event, Context context) throws Throwable;

        @Override
        void handle(Object instance, byte[] event, OutputStream answer, Context context) throws Throwable {
            Object read;
            try {
                read = events == null ? null : events.read(event);
            } catch (RuntimeException e) {
                throw new RuntimeException("An error occurred during JSON parsing", e);
            }
            Object given = call(instance, read, context);
            if (answers == null) {
                answer.write(NULL);
                return;
            }
            try {
                answers.write(given, answer);
            } catch (RuntimeException e) {
                throw new RuntimeException("An error occurred during JSON serialization of response", e);
            }
        }
    }

    private static final class OfDocuments extends WithDocuments {
        OfDocuments(Constructor<?> constructor, Type takes, Type gives) {
            super(constructor, takes, gives);
        }

        @Override
        @Nullable
        @SuppressWarnings("unchecked")
        Object call(Object instance, @Nullable Object event, Context context) {
            return ((RequestHandler<Object, Object>) instance).handleRequest(event, context);
        }
    }

    private static final class OfMethod extends WithDocuments {
        private final Method method;
        private final Type[] takes;

        OfMethod(Constructor<?> constructor, Method method, Type[] takes) {
            super(
                    constructor,
                    takes.length == 0 || takes[0] == Context.class ? null : takes[0],
                    method.getGenericReturnType());
            this.method = method;
            this.takes = takes;
        }

        @Override
        @Nullable
        Object call(Object instance, @Nullable Object event, Context context) throws Throwable {
            Object[] arguments = new Object[takes.length];
            for (int i = 0; i < takes.length; i++) {
                arguments[i] = takes[i] == Context.class ? context : event;
            }
            try {
                return method.invoke(instance, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }
}
