package dev.haneul.services.lambda.run;

import dev.haneul.delivery.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The extensions of one environment, without their HTTP: who has registered for what, what each is told, and whether all
 * of them wait for the next event. External ones are programs of their own that the environment starts beside the
 * runtime; internal ones are parts of the runtime's process.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html">Using the Lambda Extensions
 *     API</a>
 */
final class Extensions {
    static final String INVOKE = "INVOKE";
    static final String SHUTDOWN = "SHUTDOWN";

    /** AWS's limit of extensions of one function. */
    static final int MOST = 10;

    private static final int CANNOT_EXECUTE = 126;
    private static final int NOT_FOUND = 127;

    private final Runnable changed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition told = lock.newCondition();
    private final Map<String, One> byId = new LinkedHashMap<>();
    private List<String> programs = List.of();
    private final Set<String> unregistered = new HashSet<>();
    private final Set<String> running = new HashSet<>();
    private boolean registrationClosed;
    private boolean shuttingDown;
    private boolean closed;
    private boolean orphaned;
    private @Nullable Failure failure;
    private Ear ear = (name, state, events, errorType) -> {};
    private Consumer<String> notes = text -> {};

    /** Why an environment cannot go on: an extension ended or said that it failed. */
    record Failure(String type, String message) {}

    /** What became of a request: an identifier, or why not. */
    sealed interface Verdict {
        /** It is known by this identifier from now on. */
        record Registered(String id) implements Verdict {}

        /** An event to work on. */
        record Event(String id, String json) implements Verdict {}

        /** Its news was taken. */
        record Taken() implements Verdict {}

        /** It may not do that. */
        record Refused(String type, String message) implements Verdict {}

        /** The environment ends; there is nothing left to say. */
        record Over() implements Verdict {}
    }

    /** Hears what becomes of extensions, for the log. */
    interface Ear {
        /** An extension is {@code Registered}, {@code Ready}, or failed with this type of error. */
        void extension(String name, String state, List<String> events, @Nullable String errorType);
    }

    private enum State {
        REGISTERED,
        READY,
        RUNNING,
        FAILED
    }

    private static final class One {
        private final String id;
        private final List<ExtensionNotes.Asked> subscriptions = new ArrayList<>();
        private final String name;
        private final boolean external;
        private final List<String> events;
        private State state = State.REGISTERED;
        private boolean polling;
        private @Nullable String pending;

        One(String id, String name, boolean external, List<String> events) {
            this.id = id;
            this.name = name;
            this.external = external;
            this.events = events;
        }
    }

    /** @param changed called after each change, without a lock held */
    Extensions(Runnable changed) {
        this.changed = changed;
    }

    // --- the platform's side ---

    /** These programs are started with the environment; each is expected to register. */
    void expect(List<String> names, Ear hears) {
        lock.lock();
        try {
            programs = List.copyOf(names);
            unregistered.addAll(names);
            running.addAll(names);
            ear = hears;
        } finally {
            lock.unlock();
        }
    }

    /** Notes for a later server what it must know of them, whenever that changes; to be called before there are any. */
    void noting(Consumer<String> keeper) {
        lock.lock();
        try {
            notes = keeper;
        } finally {
            lock.unlock();
        }
    }

    /** With the lock held. */
    private void note() {
        if (byId.isEmpty()) {
            return;
        }
        notes.accept(new ExtensionNotes(
                        registrationClosed,
                        byId.values().stream()
                                .filter(one -> one.state != State.FAILED)
                                .map(one -> new ExtensionNotes.One(
                                        one.id, one.name, one.external, one.events, one.pending, one.subscriptions))
                                .toList())
                .text());
    }

    /** An extension has subscribed to telemetry. */
    void subscribed(String id, ExtensionNotes.Asked asked) {
        lock.lock();
        try {
            One one = byId.get(id);
            if (one != null) {
                one.subscriptions.add(asked);
                note();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * An earlier server started this environment and its extensions: each is known by the identifier it has, and is
     * ready once it asks for the next event.
     */
    void resume(List<String> names, ExtensionNotes noted, Ear hears) {
        lock.lock();
        try {
            programs = List.copyOf(names);
            running.addAll(names);
            ear = hears;
            registrationClosed = true;
            for (ExtensionNotes.One each : noted.known()) {
                One one = new One(each.id(), each.name(), each.external(), each.events());
                one.state = State.RUNNING;
                one.pending = each.pending();
                one.subscriptions.addAll(each.subscriptions());
                byId.put(one.id, one);
            }
        } finally {
            lock.unlock();
        }
    }

    /** An earlier server started this environment, and it is not known what became of its extensions: strangers now. */
    void orphan() {
        lock.lock();
        try {
            orphaned = true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether extensions keep it from taking invocations. */
    boolean broken() {
        lock.lock();
        try {
            return orphaned || failure != null;
        } finally {
            lock.unlock();
        }
    }

    /** Whether programs run beside the runtime. */
    boolean external() {
        lock.lock();
        try {
            return !programs.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Whether there are any. */
    boolean any() {
        lock.lock();
        try {
            return !programs.isEmpty() || !byId.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Whether all have registered and wait for the next event. */
    boolean ready() {
        lock.lock();
        try {
            return unregistered.isEmpty() && byId.values().stream().allMatch(one -> one.state == State.READY);
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    Failure failure() {
        lock.lock();
        try {
            return failure;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until every program has registered, or cannot any more; the runtime is started then. */
    void awaitRegistered() throws InterruptedException {
        lock.lock();
        try {
            while (!unregistered.isEmpty() && failure == null && !closed) {
                told.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The environment has started: nobody else may register. */
    void closeRegistration() {
        lock.lock();
        try {
            registrationClosed = true;
            note();
        } finally {
            lock.unlock();
        }
    }

    /** Tells those who want to know of an invocation. */
    void invoke(Invocation invocation) {
        lock.lock();
        try {
            if (byId.isEmpty()) {
                return;
            }
            Map<String, @Nullable Object> tracing = new LinkedHashMap<>();
            tracing.put("type", "X-Amzn-Trace-Id");
            tracing.put("value", invocation.traceId());
            Map<String, @Nullable Object> event = new LinkedHashMap<>();
            event.put("eventType", INVOKE);
            event.put("deadlineMs", invocation.deadlineEpochMillis());
            event.put("requestId", invocation.requestId());
            event.put("invokedFunctionArn", invocation.functionArn());
            event.put("tracing", tracing);
            tell(INVOKE, Json.write(event));
        } finally {
            lock.unlock();
        }
    }

    /** Tells them that the environment ends. */
    void shutDown(String reason, long deadlineEpochMillis) {
        lock.lock();
        try {
            shuttingDown = true;
            Map<String, @Nullable Object> event = new LinkedHashMap<>();
            event.put("eventType", SHUTDOWN);
            event.put("shutdownReason", reason);
            event.put("deadlineMs", deadlineEpochMillis);
            tell(SHUTDOWN, Json.write(event));
        } finally {
            lock.unlock();
        }
    }

    private void tell(String type, String event) {
        for (One one : byId.values()) {
            if (one.state != State.FAILED && one.events.contains(type)) {
                one.state = State.RUNNING;
                one.pending = event;
            }
        }
        note();
        told.signalAll();
    }

    /** Ends the conversation: waiting polls return. */
    void close() {
        lock.lock();
        try {
            closed = true;
            told.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // --- the extensions' side ---

    Verdict register(String name, List<String> events) {
        One one;
        lock.lock();
        try {
            boolean external = programs.contains(name);
            Verdict.Refused refused = refusal(name, external, events);
            if (refused != null) {
                return refused;
            }
            one = new One(UUID.randomUUID().toString(), name, external, List.copyOf(events));
            byId.put(one.id, one);
            note();
            unregistered.remove(name);
            told.signalAll();
        } finally {
            lock.unlock();
        }
        changed.run();
        return new Verdict.Registered(one.id);
    }

    private Verdict.@Nullable Refused refusal(String name, boolean external, List<String> events) {
        if (registrationClosed || closed) {
            return new Verdict.Refused("Extension.RegistrationClosed", "Extension registration closed already");
        }
        for (String event : events) {
            if (!event.equals(INVOKE) && !event.equals(SHUTDOWN)) {
                return new Verdict.Refused("Extension.InvalidEventType", event + ": ErrorInvalidEventType");
            }
            if (!external && event.equals(SHUTDOWN)) {
                return new Verdict.Refused(
                        "Extension.InvalidEventType", "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension");
            }
        }
        if (byId.values().stream().anyMatch(one -> one.name.equals(name))) {
            return new Verdict.Refused("Extension.AlreadyRegistered", "Extension already registered");
        }
        if (byId.size() >= MOST) {
            return new Verdict.Refused("Extension.TooManyExtensions", "Extension limit (" + MOST + ") reached");
        }
        return null;
    }

    /** Waits for the next event. */
    Verdict next(String id) throws InterruptedException {
        One one;
        boolean first;
        lock.lock();
        try {
            one = byId.get(id);
            if (one == null) {
                return unknown(id);
            }
            if (one.polling || one.state == State.FAILED) {
                return wrongState(one, "Ready");
            }
            first = one.state == State.REGISTERED;
            one.polling = true;
            if (one.pending == null) {
                one.state = State.READY;
            }
        } finally {
            lock.unlock();
        }
        if (first) {
            ear.extension(one.name, "Ready", one.events, null);
        }
        changed.run();
        lock.lock();
        try {
            while (one.pending == null && !closed) {
                told.await();
            }
            String event = one.pending;
            one.pending = null;
            note();
            return event == null
                    ? new Verdict.Over()
                    : new Verdict.Event(UUID.randomUUID().toString(), event);
        } finally {
            one.polling = false;
            lock.unlock();
        }
    }

    /**
     * Takes an extension's word that it failed.
     *
     * @param phase {@code Init} or {@code Exit}
     * @param why as it said itself
     */
    Verdict fail(String id, String phase, String why) {
        One one;
        lock.lock();
        try {
            one = byId.get(id);
            if (one == null) {
                return unknown(id);
            }
            if (phase.equals("Init") && one.state != State.REGISTERED) {
                return wrongState(one, "InitError");
            }
            one.state = State.FAILED;
            if (!shuttingDown && failure == null) {
                failure = new Failure("Extension." + phase + "Error", why);
            }
            told.signalAll();
        } finally {
            lock.unlock();
        }
        ear.extension(one.name, phase + "Error", one.events, why);
        changed.run();
        return new Verdict.Taken();
    }

    /** The name of a registered one; null for strangers. */
    @Nullable
    String name(String id) {
        lock.lock();
        try {
            One one = byId.get(id);
            return one == null ? null : one.name;
        } finally {
            lock.unlock();
        }
    }

    /** A program has ended. @param index in the order they were started */
    void exited(int index, int code) {
        String name;
        boolean launched = code != CANNOT_EXECUTE && code != NOT_FOUND;
        boolean unexpected;
        lock.lock();
        try {
            if (index < 0 || index >= programs.size()) {
                return;
            }
            name = programs.get(index);
            running.remove(name);
            unexpected = !shuttingDown && !closed;
            if (unexpected && failure == null) {
                failure = launched
                        ? new Failure("Extension.Crash", code == 0 ? "exit code 0" : "exit status " + code)
                        : new Failure(
                                "Extension.LaunchError", "fork/exec /opt/extensions/" + name + ": permission denied");
            }
            told.signalAll();
        } finally {
            lock.unlock();
        }
        if (unexpected && !launched) {
            ear.extension(name, "LaunchError", new ArrayList<>(), "PermissionDenied");
        }
        changed.run();
    }

    static Verdict.Refused unknown(String id) {
        return new Verdict.Refused("Extension.UnknownExtensionIdentifier", "Unknown extension " + id);
    }

    private static Verdict.Refused wrongState(One one, String to) {
        String from = one.state.name().charAt(0) + one.state.name().substring(1).toLowerCase(Locale.ROOT);
        return new Verdict.Refused(
                "Extension.InvalidExtensionState",
                "State transition from " + from + " to " + to + " failed for extension " + one.id
                        + ". Error: State transition is not allowed");
    }
}
