package dev.haneul.storage;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Has the kernel begin to bring a file's bytes to disk while more of them come, so that the wait for the disk at the end
 * is short. Only a hint, which Linux alone takes: what is on disk for sure is what was synced. See sync_file_range(2).
 */
final class Writeback implements AutoCloseable {
    private static final int READ_ONLY_CLOSE_ON_EXEC = 02000000;
    private static final int BEGIN_WRITING = 2;
    private static final int NONE = -1;

    private int descriptor;

    /** What the C library is asked for; linked at first use. */
    private static final class Entry {
        static final MethodHandle OPEN = handle(
                "open",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        static final MethodHandle BEGIN = handle(
                "sync_file_range",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT));
        static final MethodHandle CLOSE =
                handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

        private static MethodHandle handle(String name, FunctionDescriptor type, Linker.Option... options) {
            return Linker.nativeLinker().downcallHandle(names().findOrThrow(name), type, options);
        }

        static SymbolLookup names() {
            return Linker.nativeLinker().defaultLookup();
        }
    }

    private Writeback(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Whether this system has it. */
    static boolean available() {
        return System.getProperty("os.name").equals("Linux")
                && Entry.names().find("sync_file_range").isPresent();
    }

    /** Of a file that is there; where it cannot be had, nothing happens any sooner. */
    static Writeback of(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            return new Writeback(
                    (int) Entry.OPEN.invokeExact(arena.allocateFrom(file.toString()), READ_ONLY_CLOSE_ON_EXEC));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** These bytes were written and stay as they are. */
    void begin(long offset, long length) {
        if (descriptor == NONE) {
            return;
        }
        try {
            int unused = (int) Entry.BEGIN.invokeExact(descriptor, offset, length, BEGIN_WRITING);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    @Override
    public void close() {
        if (descriptor == NONE) {
            return;
        }
        try {
            int unused = (int) Entry.CLOSE.invokeExact(descriptor);
        } catch (Throwable e) {
            throw unexpected(e);
        } finally {
            descriptor = NONE;
        }
    }

    private static RuntimeException unexpected(Throwable e) {
        return e instanceof RuntimeException known
                ? known
                : new IllegalStateException("calls of the C library throw nothing", e);
    }
}
