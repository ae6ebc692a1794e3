package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.cgroup.GroupStats;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Some containers and what they share. Closing it kills them all and removes everything it had. */
public interface Pod extends AutoCloseable {
    String id();

    Map<String, String> labels();

    /** Its network namespace, as a path for {@code nsenter --net=} or setns(2): the same for as long as it is there. */
    Path netns();

    Instant preparedAt();

    /**
     * Starts a container. Returns when its first process exists; a program that cannot be executed may still end at once.
     *
     * @throws LaunchException where it cannot be started, e.g. for there is no such program, user or image; nothing of
     *     it is left then. Also where the pod has a container of that name already
     */
    Container start(ContainerSpec spec) throws LaunchException, InterruptedException;

    /** Its containers, those that have ended included, in the order of their first start. */
    List<Container> containers();

    /** One of them. */
    Optional<Container> find(String name);

    /** What all of them use. */
    GroupStats stats();

    /** What has gone through its interfaces, by their names, loopback excepted; those it joined are its host's. */
    Map<String, Traffic> traffic();

    /** What is taken of its disk and how large that is; of the host's where it has no limit. */
    Disk disk();

    @Override
    void close();

    /** What an interface has received and sent. */
    record Traffic(
            long bytesIn,
            long packetsIn,
            long errorsIn,
            long droppedIn,
            long bytesOut,
            long packetsOut,
            long errorsOut,
            long droppedOut) {}

    /** A disk's bytes. */
    record Disk(long usedBytes, long sizeBytes) {}
}
