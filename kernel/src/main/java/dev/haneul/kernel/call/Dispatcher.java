package dev.haneul.kernel.call;

import dev.haneul.api.runtime.Api;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.StoreFullException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Carries a typed call to its service: permission, audit, operation. The gateway uses it for clients and the services
 * use it for each other, in process and without serialisation, authorised and recorded all the same.
 *
 * <p>An operation that nobody built answers NotImplemented, to those who may call it; others get AccessDenied.
 *
 * <p>Whatever a service throws that is no {@link Fault} is a bug: it is logged with the request id, and the caller gets
 * InternalFailure, neighbours as much as clients.
 */
public final class Dispatcher implements Caller {
    private static final System.Logger LOG = System.getLogger(Dispatcher.class.getName());

    private final Map<String, Api> services = new ConcurrentHashMap<>();
    private final Authorizer authorizer;
    private final Audit audit;

    public Dispatcher(Authorizer authorizer, Audit audit) {
        this.authorizer = authorizer;
        this.audit = audit;
    }

    /** Adds a service at start-up. */
    public void add(Api service) {
        if (services.putIfAbsent(service.service().id(), service) != null) {
            throw new IllegalStateException(service.service().id() + " is there already");
        }
    }

    /** Every service of the region. */
    public List<Api> services() {
        return List.copyOf(services.values());
    }

    @Override
    public Struct call(OperationShape operation, Struct input, Call call) {
        Api service = services.get(operation.service().id());
        Fault refused = null;
        Struct output = null;
        try {
            authorizer.check(operation, input, call);
            if (service == null) {
                throw Faults.notImplemented(operation.service().id(), operation.name());
            }
            output = service.invoke(operation, input, call);
            return output;
        } catch (Fault fault) {
            refused = fault;
            throw fault;
        } catch (StoreFullException full) {
            LOG.log(System.Logger.Level.WARNING, operation + " (" + call.requestId() + "): " + full.getMessage());
            refused = Fault.server("ServiceUnavailable", 503, "The region's disk is full.");
            throw refused;
        } catch (RuntimeException | StackOverflowError bug) {
            LOG.log(System.Logger.Level.ERROR, operation + " (" + call.requestId() + ") failed", bug);
            refused = Faults.internal(call.requestId());
            throw refused;
        } finally {
            audit.record(operation, input, output, call, refused);
        }
    }

    /** Keeps the trail of calls. Must be quick, must not throw, and must leave streams of input and output alone. */
    @FunctionalInterface
    public interface Audit {
        /** Exactly one of output and fault is there. */
        void record(OperationShape operation, Struct input, @Nullable Struct output, Call call, @Nullable Fault fault);
    }
}
