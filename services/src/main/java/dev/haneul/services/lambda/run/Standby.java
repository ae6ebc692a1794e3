package dev.haneul.services.lambda.run;

import dev.haneul.engines.Workload;
import dev.haneul.engines.WorkloadSpec.Mount;
import dev.haneul.fabric.linux.ErrnoException;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A booted runtime that has no function yet. It waits at its gate, a named pipe that it reads, for the variables of the
 * function it will be; before that it has seen nothing of anybody. It becomes one environment of one function, once.
 *
 * @param mounts as it was launched with, the function's code first
 * @param gate the pipe's folder on the host
 */
record Standby(StandbyKey key, Workload workload, RuntimeSession session, List<Mount> mounts, Path gate) {
    /** The pipe's name within its folder. */
    static final String PIPE = "gate";

    /** Holds the gate of a runtime that waits at it. */
    static final class OpenGate implements AutoCloseable {
        private int descriptor;

        private OpenGate(int descriptor) {
            this.descriptor = descriptor;
        }

        /**
         * Lets the runtime go on.
         *
         * @param words what its bootstrap reads: at most a pipe's worth, 64 KiB
         */
        void pass(String words) throws IOException {
            Linux.write(descriptor, words.getBytes(StandardCharsets.UTF_8));
            close();
        }

        @Override
        public void close() {
            Linux.close(descriptor);
            descriptor = -1;
        }
    }

    /** Its gate; null while it has not come to it yet, or is gone. */
    @Nullable
    OpenGate open() {
        try {
            return new OpenGate(Linux.open(gate.resolve(PIPE).toString(), Linux.O_WRONLY | Linux.O_NONBLOCK));
        } catch (IOException e) {
            if (e.getCause() instanceof ErrnoException) {
                return null; // ENXIO: nobody reads
            }
            throw new IllegalStateException(e);
        }
    }

    /** Removes the gate: nobody comes through it a second time. */
    void removeGate() throws IOException {
        FileTrees.delete(gate);
    }

    /** Ends it; it never became anything. */
    void end() {
        session.close();
        workload.close();
        try {
            removeGate();
        } catch (IOException e) {
            System.getLogger(Standby.class.getName())
                    .log(System.Logger.Level.WARNING, "the folder " + gate + " stays until the next start", e);
        }
    }
}
