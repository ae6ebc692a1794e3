package dev.haneul.services.lambda.run;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The conversation between the platform and one runtime, without its HTTP: the runtime polls for work, answers it or
 * fails; the platform waits for the poll, hands in an invocation and waits for what becomes of it.
 *
 * <p>Two sides call this from their own threads. {@link #next}, {@link #respond}, {@link #fail} and {@link #failInit}
 * belong to the runtime, the rest to the platform.
 */
public final class RuntimeSession {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition news = lock.newCondition();
    private boolean polling;
    private boolean polledBefore;
    private boolean closed;
    private boolean ended;
    private @Nullable Invocation offered;
    private @Nullable Invocation running;
    private @Nullable Answer answer;
    private @Nullable Problem initProblem;
    private boolean lost;
    private long polledNanos;
    private @Nullable Integer exitCode;
    private final Extensions extensions = new Extensions(this::stir);
    private volatile Telemetry telemetry = new Telemetry();
    private volatile Host host = new Host("", "", "", "", null);
    private volatile long pid;

    /** A conversation with a runtime that starts. */
    public RuntimeSession() {}

    /**
     * A conversation that an earlier server began.
     *
     * @param underWay what the runtime was given last and had not answered; null where it waited for work
     */
    RuntimeSession(@Nullable Invocation underWay) {
        running = underWay;
        lost = underWay != null;
        polledBefore = true;
    }

    /** What became of an invocation, as the runtime told it. */
    public sealed interface Answer {
        /** The handler's result. */
        record Result(byte[] body) implements Answer {}

        /** The handler's error. */
        record Failure(Problem problem) implements Answer {}

        /** A result that was larger than allowed and was not taken. */
        record TooLarge(long bytes) implements Answer {}
    }

    /**
     * An error document from the runtime.
     *
     * @param type from the header {@code Lambda-Runtime-Function-Error-Type}, empty where it sent none
     */
    public record Problem(String type, byte[] body) {}

    /** What the platform found when it looked. */
    public enum News {
        /** The runtime waits for work. */
        POLLING,
        /** The runtime could not start the function; see {@link #initProblem}. */
        INIT_FAILED,
        /** The invocation was answered; see {@link #takeAnswer}. */
        ANSWERED,
        /** The runtime's process has ended. */
        ENDED,
        /** An extension ended or failed; see {@link Extensions#failure}. */
        EXTENSION_FAILED,
        /** Nothing happened in the time given. */
        NOTHING
    }

    /** How a call of the runtime was taken. */
    public enum Verdict {
        ACCEPTED,
        WRONG_STATE,
        UNKNOWN_REQUEST
    }

    /** The function that a runtime and its extensions serve. */
    record Host(
            String functionName,
            String version,
            String handler,
            String account,
            @Nullable String tenant) {}

    /** From now on it is this function's. */
    void claim(Host function, Telemetry events) {
        host = function;
        telemetry = events;
    }

    Host host() {
        return host;
    }

    Extensions extensions() {
        return extensions;
    }

    Telemetry telemetry() {
        return telemetry;
    }

    /** Where its workload's network is found. */
    void livesIn(long process) {
        pid = process;
    }

    /** Connects to a listener within the environment. */
    SocketChannel connect(int port) throws IOException {
        long process = pid;
        if (process == 0) {
            throw new IOException("the environment is only just starting");
        }
        return Inward.connect(process, port);
    }

    private void stir() {
        lock.lock();
        try {
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // --- the runtime's side ---

    /**
     * Waits for work.
     *
     * @return null where the session was closed, or an invocation is still unanswered
     */
    public @Nullable Invocation next() throws InterruptedException {
        lock.lock();
        try {
            if (lost && running != null) {
                running = null; // it asks anew: what the earlier server gave it has not reached it, or was answered
            }
            lost = false;
            if (running != null || polling) {
                return null;
            }
            polling = true;
            polledBefore = true;
            polledNanos = System.nanoTime();
            news.signalAll();
            while (offered == null && !closed) {
                work.await();
            }
            polling = false;
            if (closed) {
                return null;
            }
            running = offered;
            offered = null;
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** The invocation that the runtime is answering; null where this id is not it. */
    @Nullable
    Invocation answering(String requestId) {
        lock.lock();
        try {
            Invocation current = running;
            return current != null && current.requestId().equals(requestId) ? current : null;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a result. */
    public Verdict respond(String requestId, byte[] body) {
        return answer(requestId, new Answer.Result(body));
    }

    /** Takes the news that a result is too large. */
    public Verdict respondTooLarge(String requestId, long bytes) {
        return answer(requestId, new Answer.TooLarge(bytes));
    }

    /** Takes a handler's error. */
    public Verdict fail(String requestId, Problem problem) {
        return answer(requestId, new Answer.Failure(problem));
    }

    private Verdict answer(String requestId, Answer what) {
        lock.lock();
        try {
            Invocation current = running;
            if (current == null || !current.requestId().equals(requestId)) {
                return Verdict.UNKNOWN_REQUEST;
            }
            running = null;
            answer = what;
            news.signalAll();
            return Verdict.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the news that the function cannot be started. */
    public Verdict failInit(Problem problem) {
        lock.lock();
        try {
            if (polledBefore) {
                return Verdict.WRONG_STATE;
            }
            initProblem = problem;
            news.signalAll();
            return Verdict.ACCEPTED;
        } finally {
            lock.unlock();
        }
    }

    // --- the platform's side ---

    /** Waits until the runtime polls for work, at most so long. */
    public News awaitPoll(long nanos) throws InterruptedException {
        return await(nanos, () -> {
            if (polling) {
                return News.POLLING;
            }
            return initProblem != null ? News.INIT_FAILED : News.NOTHING;
        });
    }

    /** Waits until the runtime polls for work and so do all extensions, at most so long. */
    News awaitReady(long nanos) throws InterruptedException {
        return await(nanos, () -> {
            if (initProblem != null) {
                return News.INIT_FAILED;
            }
            if (extensions.failure() != null) {
                return News.EXTENSION_FAILED;
            }
            return polling && extensions.ready() ? News.POLLING : News.NOTHING;
        });
    }

    /** When the runtime last asked for work, as {@link System#nanoTime} has it. */
    long polledNanos() {
        lock.lock();
        try {
            return polledNanos;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for what becomes of the invocation handed in, at most so long. */
    public News awaitAnswer(long nanos) throws InterruptedException {
        return await(nanos, () -> {
            if (answer != null) {
                return News.ANSWERED;
            }
            return extensions.failure() != null ? News.EXTENSION_FAILED : News.NOTHING;
        });
    }

    /** Waits for what becomes of the invocation an earlier server handed in: answered, or polling as if it had none. */
    News awaitOutcome(long nanos) throws InterruptedException {
        return await(nanos, () -> {
            if (answer != null) {
                return News.ANSWERED;
            }
            return polling ? News.POLLING : News.NOTHING;
        });
    }

    /** Looks whenever something has happened, under the lock, until there is news or the runtime has ended. */
    private News await(long nanos, Supplier<News> look) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (true) {
                News seen = look.get();
                if (seen != News.NOTHING) {
                    return seen;
                }
                if (ended) {
                    return News.ENDED;
                }
                if (left <= 0) {
                    return News.NOTHING;
                }
                left = news.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Hands in an invocation; the runtime gets it with its next poll. */
    public void offer(Invocation invocation) {
        lock.lock();
        try {
            if (offered != null || running != null) {
                throw new IllegalStateException("one invocation at a time");
            }
            answer = null;
            offered = invocation;
            work.signal();
        } finally {
            lock.unlock();
        }
        extensions.invoke(invocation);
    }

    /** The answer that {@link #awaitAnswer} announced. */
    public Answer takeAnswer() {
        lock.lock();
        try {
            Answer taken = answer;
            if (taken == null) {
                throw new IllegalStateException("not answered");
            }
            answer = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Takes an invocation back that the runtime has not seen; false where it has. */
    public boolean withdraw() {
        lock.lock();
        try {
            boolean unseen = offered != null;
            offered = null;
            return unseen;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the runtime waits for work or may yet do so. */
    public boolean alive() {
        lock.lock();
        try {
            return !closed && !ended;
        } finally {
            lock.unlock();
        }
    }

    /** The runtime's own exit code where its environment lives on; null where nobody told. */
    @Nullable
    Integer exitCode() {
        lock.lock();
        try {
            return exitCode;
        } finally {
            lock.unlock();
        }
    }

    /** What the runtime said when it could not start the function; null where it said nothing. */
    public @Nullable Problem initProblem() {
        lock.lock();
        try {
            return initProblem;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the conversation: a waiting poll returns null. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            news.signalAll();
        } finally {
            lock.unlock();
        }
        extensions.close();
        telemetry.close();
    }

    /** The runtime has ended, with its extensions still there. */
    void exited(int code) {
        lock.lock();
        try {
            exitCode = code;
        } finally {
            lock.unlock();
        }
        ended();
    }

    /** The runtime's process has ended: nobody will poll or answer any more. */
    public void ended() {
        lock.lock();
        try {
            ended = true;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
