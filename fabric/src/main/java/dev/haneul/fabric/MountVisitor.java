package dev.haneul.fabric;

import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread.Handover;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes mounts as {@link MountNamespace} does, one after another, on a thread that stands waiting for them: who is in a
 * hurry goes on meanwhile, and no thread has to be started first. Between two visits the thread is where it came from
 * and holds no descriptor.
 *
 * <p>As every thread that changes what it is, it starts no other and wakes its callers through monitors only, see {@link
 * dev.haneul.fabric.linux.NamespaceThread}. One that does not find home again ends; the next visit gets another.
 */
public final class MountVisitor implements AutoCloseable {
    private static final int MOST_WAITING = 256;
    private static final Path HOME = Path.of("/proc/self/ns/mnt");

    private final Deque<Errand> waiting = new ArrayDeque<>();
    private boolean standing;
    private boolean closed;

    /** A folder of ours and where it is shown: a folder that is there already, as the namespace sees it. */
    public record Shown(Path source, String target, boolean readOnly) {}

    /** Mounts that are being made. */
    @FunctionalInterface
    public interface Visit {
        /** Waits until they are. @throws IOException where the kernel does not allow one; it is not made then */
        void await() throws IOException;
    }

    /** Begins to show folders of ours in the namespace of a process. */
    public Visit begin(long pid, List<Shown> shown) throws IOException {
        Errand errand = new Errand(shown);
        boolean taken = false;
        try {
            errand.open(pid);
            take(errand);
            taken = true;
        } finally {
            if (!taken) {
                errand.close();
            }
        }
        return errand.handover::await;
    }

    private synchronized void take(Errand errand) throws IOException {
        if (closed || waiting.size() >= MOST_WAITING) {
            throw new IOException(closed ? "nobody makes mounts any more" : "too many mounts are wanted at once");
        }
        if (!standing) {
            Thread.ofPlatform().daemon().name("mount-visitor").start(this::stand);
            standing = true;
        }
        waiting.addLast(errand);
        notifyAll();
    }

    private void stand() {
        IOException lost = null;
        try {
            Linux.unshareFileSystem();
        } catch (IOException e) {
            lost = e;
        }
        while (true) {
            Errand errand = awaitErrand(lost != null);
            if (errand == null) {
                return;
            }
            lost = errand.run(lost);
        }
    }

    /** Null where there will be none: the thread ends. */
    private synchronized @Nullable Errand awaitErrand(boolean lost) {
        while (waiting.isEmpty() && !closed && !lost) {
            try {
                wait();
            } catch (InterruptedException e) {
                closed = true; // nobody interrupts this thread but a JVM that goes down
            }
        }
        Errand next = waiting.pollFirst();
        standing = next != null;
        return next;
    }

    /** What was begun is done; nothing more is taken. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** One visit and the descriptors that it needs, which it closes itself. */
    private static final class Errand {
        final Handover<Boolean> handover = new Handover<>();
        private final List<Shown> shown;
        private final List<Integer> copies = new ArrayList<>();
        private int home = -1;
        private int abroad = -1;
        private @Nullable IOException astray;

        Errand(List<Shown> shown) {
            this.shown = shown;
        }

        /** On the caller's thread, whose root is this process's. */
        void open(long pid) throws IOException {
            home = Linux.open(HOME.toString(), Linux.O_RDONLY);
            abroad = Linux.open("/proc/" + pid + "/ns/mnt", Linux.O_RDONLY);
            for (Shown one : shown) {
                copies.add(Linux.copyMount(one.source().toString(), one.readOnly()));
            }
        }

        void close() {
            copies.forEach(Linux::close);
            Linux.close(abroad);
            Linux.close(home);
        }

        /**
         * @param lost why the thread is not at home; null where it is
         * @return the same afterwards
         */
        @Nullable
        IOException run(@Nullable IOException lost) {
            astray = lost;
            handover.run(() -> {
                try {
                    if (astray == null) {
                        visit();
                    }
                } finally {
                    close();
                }
                if (astray != null) {
                    throw new IOException("the thread that makes mounts cannot go on", astray);
                }
                return Boolean.TRUE;
            });
            return astray;
        }

        private void visit() throws IOException {
            Linux.setns(abroad, Linux.CLONE_NEWNS);
            try {
                for (int i = 0; i < copies.size(); i++) {
                    Linux.attachMount(copies.get(i), shown.get(i).target());
                }
            } finally {
                goHome();
            }
        }

        private void goHome() {
            try {
                Linux.setns(home, Linux.CLONE_NEWNS);
            } catch (IOException e) {
                astray = e;
            }
        }
    }
}
