package dev.haneul.api.coverage;

import dev.haneul.api.runtime.Api;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which operations of a service are built. */
public final class Implemented {
    private Implemented() {}

    /** The names of the operations whose method {@code api}'s class does not inherit from its generated interface. */
    public static Set<String> by(Api api) {
        return by(api.getClass(), api.service());
    }

    /** As {@link #by(Api)}, for a class that need not be constructed. */
    public static Set<String> by(Class<? extends Api> type, ServiceShape service) {
        Map<String, String> operations = new HashMap<>();
        for (OperationShape operation : service.operations()) {
            operations.put(plain(operation.name()), operation.name());
        }
        Set<String> implemented = new TreeSet<>();
        for (Method method : type.getMethods()) {
            String operation = operations.get(plain(method.getName()));
            if (operation != null && isOperation(method) && !isGenerated(method)) {
                implemented.add(operation);
            }
        }
        return implemented;
    }

    /** Large services are written as several interfaces with default methods, so "default" alone says nothing. */
    private static boolean isGenerated(Method method) {
        return method.isDefault() && method.getDeclaringClass().getPackageName().startsWith("dev.haneul.api.");
    }

    private static boolean isOperation(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        return parameters.length == 2
                && Struct.class.isAssignableFrom(parameters[0])
                && parameters[1] == Call.class
                && Struct.class.isAssignableFrom(method.getReturnType());
    }

    /** Method and operation are told by the same letters, whatever their case. */
    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }
}
