package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.engines.container.Container;
import dev.haneul.engines.work.LogFile;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings what containers print to CloudWatch Logs, line by line, each at least once: how far it came is kept after the
 * lines are. Their times are when they were read, a second at most after they were printed.
 */
final class LogShipper {
    /** How far each file was brought, keyed by task, container and file. */
    static final Table<Offset> OFFSETS = Table.of("ecs.log_offset", RecordCodecs.of(Offset.class));

    private static final System.Logger LOG = System.getLogger(LogShipper.class.getName());
    private static final int LOCKS = 64;
    private static final int CHUNK = 512 * 1024;
    private static final int MOST_LINE = 256 * 1024 - 26;
    private static final int MOST_EVENTS = 10_000;
    private static final int MOST_ROUNDS = 256;
    private static final int EVENT_OVERHEAD = 26;
    private static final int MOST_BATCH_BYTES = 1_000_000;

    private final EcsRoom room;
    private final Machinery machinery;
    private final TaskRoles roles;
    private final LogStreams streams;
    /** Nobody brings a task's lines twice at a time. */
    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();
    /** What {@link #OFFSETS} says, so that idle files cost a look at their size. */
    private final Map<String, Long> known = new ConcurrentHashMap<>();

    /** The files of tasks of which there is nothing to bring: looking at their sizes is enough until one grows. */
    private final Map<String, List<Brought>> quiet = new ConcurrentHashMap<>();

    /** A file, brought up to here. */
    private record Brought(Path file, long bytes) {}

    /** Bytes of a file that were brought. */
    record Offset(long bytes) {}

    LogShipper(EcsRoom room, Machinery machinery, TaskRoles roles, LogStreams streams) {
        this.room = room;
        this.machinery = machinery;
        this.roles = roles;
        this.streams = streams;
    }

    /** Whether any container of a definition has lines to bring. */
    static boolean concerns(TaskDefinition definition) {
        return definition.containerDefinitions().stream()
                .anyMatch(each -> each.logConfiguration() != null
                        && "awslogs".equals(each.logConfiguration().logDriver()));
    }

    /** Brings what is new; half a line waits for its other half, unless this is the end. */
    void ship(Scope scope, TaskRow row, TaskDefinition definition, boolean end) {
        ReentrantLock lock = locks.get(Math.floorMod(row.id().hashCode(), LOCKS));
        lock.lock();
        try {
            shipAll(scope, row, definition, end);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a task has printed nothing since its lines were brought, at the price of looking at its files' sizes. */
    boolean quiet(String task) {
        List<Brought> files = quiet.get(task);
        if (files == null) {
            return false;
        }
        try {
            for (Brought each : files) {
                if (Files.size(each.file()) > each.bytes()) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false; // it was cleared away
        }
    }

    private void shipAll(Scope scope, TaskRow row, TaskDefinition definition, boolean end) {
        quiet.remove(row.id());
        List<Brought> brought = new ArrayList<>();
        boolean allRun = true;
        for (ContainerDefinition each : definition.containerDefinitions()) {
            LogStreams.Stream stream = LogStreams.of(scope, row, each).orElse(null);
            Container container = stream == null
                    ? null
                    : machinery
                            .containers()
                            .find(row.id())
                            .flatMap(pod -> pod.find(String.valueOf(each.name())))
                            .orElse(null);
            if (stream == null || container == null) {
                allRun &= stream == null;
                continue;
            }
            boolean over = end || !container.running();
            allRun &= !over;
            brought.add(ship(scope, row, definition, stream, each.name() + "/out", container.stdout(), over));
            brought.add(ship(scope, row, definition, stream, each.name() + "/err", container.stderr(), over));
        }
        if (allRun) {
            quiet.put(row.id(), List.copyOf(brought));
        }
    }

    /** Brings the rest of a task that ended. Where Logs refuses, it is lost, as on AWS. */
    void finish(Scope scope, TaskRow row, TaskDefinition definition) {
        try {
            ship(scope, row, definition, true);
        } catch (Fault fault) {
            LOG.log(System.Logger.Level.WARNING, "the last lines of " + row.arn() + " are lost: " + fault.message());
        }
    }

    private Brought ship(
            Scope scope,
            TaskRow row,
            TaskDefinition definition,
            LogStreams.Stream stream,
            String file,
            LogFile log,
            boolean over) {
        Key key = scope.key(row.id() + "/" + file);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            long from = Math.max(offset(key), log.start());
            byte[] bytes = read(log, from);
            int length = complete(bytes, over);
            if (length == 0) {
                break;
            }
            int taken = put(scope, row, definition, stream, bytes, length);
            long next = from + taken;
            room.store().write(tx -> tx.put(OFFSETS, key, new Offset(next)));
            known.put(key.id(), next);
        }
        return new Brought(log.path(), offset(key));
    }

    private long offset(Key key) {
        return known.computeIfAbsent(
                key.id(),
                id -> room.read(tx -> tx.get(OFFSETS, key))
                        .map(Row::value)
                        .map(Offset::bytes)
                        .orElse(0L));
    }

    private static byte[] read(LogFile log, long from) {
        try {
            if (Files.size(log.path()) <= from) {
                return new byte[0];
            }
            try (FileChannel in = FileChannel.open(log.path(), StandardOpenOption.READ)) {
                ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
                int count = in.read(buffer, from);
                return count <= 0 ? new byte[0] : java.util.Arrays.copyOf(buffer.array(), count);
            }
        } catch (NoSuchFileException e) {
            return new byte[0];
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** How many of these bytes are whole lines. A full buffer without a line's end is taken as it is. */
    private static int complete(byte[] bytes, boolean over) {
        if (over || bytes.length == CHUNK) {
            int last = lastBreak(bytes);
            return over && bytes.length < CHUNK || last < 0 ? bytes.length : last + 1;
        }
        return lastBreak(bytes) + 1;
    }

    private static int lastBreak(byte[] bytes) {
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Puts lines, and tells how many bytes of them went. */
    private int put(
            Scope scope, TaskRow row, TaskDefinition definition, LogStreams.Stream stream, byte[] bytes, int length) {
        List<InputLogEvent> events = new ArrayList<>();
        long now = room.now().toEpochMilli();
        int at = 0;
        int size = 0;
        while (at < length && events.size() < MOST_EVENTS && size < MOST_BATCH_BYTES - MOST_LINE) {
            int end = at;
            while (end < length && bytes[end] != '\n' && end - at < MOST_LINE) {
                end++;
            }
            String line = new String(bytes, at, end - at, StandardCharsets.UTF_8);
            String text = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            if (!text.isEmpty()) {
                events.add(new InputLogEvent().timestamp(now).message(text));
                size += end - at + EVENT_OVERHEAD;
            }
            at = end < length && bytes[end] == '\n' ? end + 1 : end;
        }
        if (!events.isEmpty()) {
            streams.put(scope, stream, executor(scope, row, definition), events);
        }
        return at;
    }

    private @Nullable Principal executor(Scope scope, TaskRow row, TaskDefinition definition) {
        String role = TaskReadiness.executionRole(row, definition);
        return role == null
                ? null
                : roles.of(scope, TaskReadiness.arn(scope, role), row.id()).principal();
    }

    /** Forgets how far a task's lines were brought. */
    void forget(WriteTx tx, Scope scope, TaskRow row) {
        quiet.remove(row.id());
        row.course()
                .containers()
                .forEach(each -> List.of("/out", "/err").forEach(file -> {
                    String id = row.id() + "/" + each.name() + file;
                    tx.delete(OFFSETS, scope.key(id));
                    known.remove(Objects.requireNonNull(id));
                }));
    }
}
