package dev.haneul.fabric.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;

/**
 * Starts a process with {@code posix_spawn(3)}: in a session of its own, with every signal at its default, and with
 * exactly the file descriptors named here. Unlike {@link ProcessBuilder} it can hand over descriptors beyond the
 * standard three, and the child inherits the <em>calling thread's</em> cgroups and namespaces. The caller reaps the
 * child ({@link ProcessExits}).
 */
public final class NativeSpawn {
    /** Descriptors to inherit must be numbered at least this, so that none is overwritten while others are set up. */
    public static final int LOWEST_INHERITED = 64;

    private static final int SETSIGDEF = 0x04;
    private static final int SETSIGMASK = 0x08;
    private static final int SETSID = 0x80;
    /** Larger than glibc's posix_spawnattr_t (336) and posix_spawn_file_actions_t (80) on every architecture. */
    private static final int ROOM_BYTES = 1024;

    private NativeSpawn() {}

    /** What a child's file descriptor shall be. */
    public sealed interface ChildFd {
        /** A path, opened by the child itself. */
        record Open(String path, int flags) implements ChildFd {}

        /** One of ours. */
        record Inherit(int fd) implements ChildFd {}
    }

    /** Whether this C library can close everything else in the child: glibc 2.34 or newer. */
    public static boolean available() {
        return Linux.available()
                && Linker.nativeLinker()
                        .defaultLookup()
                        .find("posix_spawn_file_actions_addclosefrom_np")
                        .isPresent();
    }

    /**
     * Starts a program.
     *
     * @param file its path
     * @param arguments {@code argv}, the program's name first
     * @param environment {@code NAME=value}
     * @param fds the child's descriptors, numbered from 0 without a gap
     * @return its pid
     */
    public static int spawn(String file, List<String> arguments, List<String> environment, List<ChildFd> fds)
            throws IOException {
        try (var arena = Arena.ofConfined()) {
            var actions = arena.allocate(ROOM_BYTES, 16);
            var attributes = arena.allocate(ROOM_BYTES, 16);
            check("posix_spawn_file_actions_init", (int) Entry.ACTIONS_INIT.invokeExact(actions));
            check("posix_spawnattr_init", (int) Entry.ATTRIBUTES_INIT.invokeExact(attributes));
            try {
                addFds(arena, actions, fds);
                setAttributes(arena, attributes);
                var pid = arena.allocate(ValueLayout.JAVA_INT);
                check("posix_spawn " + file, (int) Entry.SPAWN.invokeExact(
                        pid,
                        arena.allocateFrom(file),
                        actions,
                        attributes,
                        strings(arena, arguments),
                        strings(arena, environment)));
                return pid.get(ValueLayout.JAVA_INT, 0);
            } finally {
                var _ = (int) Entry.ACTIONS_DESTROY.invokeExact(actions);
                var _ = (int) Entry.ATTRIBUTES_DESTROY.invokeExact(attributes);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void addFds(Arena arena, MemorySegment actions, List<ChildFd> fds) throws Throwable {
        for (int i = 0; i < fds.size(); i++) {
            switch (fds.get(i)) {
                case ChildFd.Open(String path, int flags) ->
                    check("posix_spawn_file_actions_addopen", (int)
                            Entry.ADD_OPEN.invokeExact(actions, i, arena.allocateFrom(path), flags, 0600));
                case ChildFd.Inherit(int fd) -> {
                    if (fd < LOWEST_INHERITED) {
                        throw new IllegalArgumentException("descriptor " + fd + " could be overwritten");
                    }
                    check("posix_spawn_file_actions_adddup2", (int) Entry.ADD_DUP2.invokeExact(actions, fd, i));
                }
            }
        }
        check("posix_spawn_file_actions_addclosefrom_np", (int) Entry.ADD_CLOSEFROM.invokeExact(actions, fds.size()));
    }

    private static void setAttributes(Arena arena, MemorySegment attributes) throws Throwable {
        var none = arena.allocate(128, 8);
        var all = arena.allocate(128, 8).fill((byte) 0xff);
        check("posix_spawnattr_setsigmask", (int) Entry.SET_SIGMASK.invokeExact(attributes, none));
        check("posix_spawnattr_setsigdefault", (int) Entry.SET_SIGDEFAULT.invokeExact(attributes, all));
        short flags = SETSID | SETSIGMASK | SETSIGDEF;
        check("posix_spawnattr_setflags", (int) Entry.SET_FLAGS.invokeExact(attributes, flags));
    }

    private static MemorySegment strings(Arena arena, List<String> values) {
        var array = arena.allocate(ValueLayout.ADDRESS, values.size() + 1L);
        for (int i = 0; i < values.size(); i++) {
            array.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(values.get(i)));
        }
        return array;
    }

    private static void check(String call, int error) throws ErrnoException {
        if (error != 0) {
            throw new ErrnoException(call, error);
        }
    }

    /** Linked on first use. */
    private static final class Entry {
        static final MethodHandle SPAWN = link(
                "posix_spawn",
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS);
        static final MethodHandle ACTIONS_INIT = link("posix_spawn_file_actions_init", ValueLayout.ADDRESS);
        static final MethodHandle ACTIONS_DESTROY = link("posix_spawn_file_actions_destroy", ValueLayout.ADDRESS);
        static final MethodHandle ADD_OPEN = link(
                "posix_spawn_file_actions_addopen",
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT);
        static final MethodHandle ADD_DUP2 = link(
                "posix_spawn_file_actions_adddup2", ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
        static final MethodHandle ADD_CLOSEFROM =
                link("posix_spawn_file_actions_addclosefrom_np", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        static final MethodHandle ATTRIBUTES_INIT = link("posix_spawnattr_init", ValueLayout.ADDRESS);
        static final MethodHandle ATTRIBUTES_DESTROY = link("posix_spawnattr_destroy", ValueLayout.ADDRESS);
        static final MethodHandle SET_SIGMASK =
                link("posix_spawnattr_setsigmask", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        static final MethodHandle SET_SIGDEFAULT =
                link("posix_spawnattr_setsigdefault", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        static final MethodHandle SET_FLAGS =
                link("posix_spawnattr_setflags", ValueLayout.ADDRESS, ValueLayout.JAVA_SHORT);

        private static MethodHandle link(String name, ValueLayout... arguments) {
            var linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
        }
    }

    /** A map as {@code NAME=value} lines. */
    public static List<String> environment(Map<String, String> variables) {
        return variables.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList();
    }
}
