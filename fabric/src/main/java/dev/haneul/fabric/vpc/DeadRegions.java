package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;

/**
 * Regions of this machine whose folder is gone: killed and thrown away, they cannot clear up after themselves any more.
 * Whoever comes next does it for them: what was theirs in the host follows from the folder's path and the range of
 * addresses, which both stand in their claim.
 */
final class DeadRegions {
    private static final Path HOST = Path.of("/proc/self/ns/net");

    private DeadRegions() {}

    /**
     * Clears them all.
     *
     * @param claims see {@link PublicRange}
     */
    static void clear(Path claims) throws IOException {
        if (!Files.isDirectory(claims)) {
            return;
        }
        synchronized (PublicRange.class) { // a file's lock is the process's, not the thread's
            try (var channel = FileChannel.open(
                            claims.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var lock = channel.lock();
                    var files = Files.newDirectoryStream(claims, "*-*")) {
                for (var claim : files) {
                    var owner = Path.of(Files.readString(claim));
                    if (lock.isValid() && owner.isAbsolute() && !Files.isDirectory(owner)) {
                        clear(new Names(owner), range(claim));
                        Files.delete(claim);
                    }
                }
            }
        }
    }

    private static Cidr range(Path claim) {
        return Cidr.parse(claim.getFileName().toString().replace('-', '/'));
    }

    private static void clear(Names names, Cidr range) throws IOException {
        var namespaces = new Namespaces(names);
        namespaces.delete(namespaces.present());
        var devices = new LinkedHashSet<>(Namespaces.devices(HOST));
        devices.removeIf(device -> !device.startsWith(names.region()));
        var lines = new ArrayList<>(Namespaces.deletion(devices));
        String shown = Commands.ip(java.util.List.of("addr show dev lo", "route show table main"));
        if (shown.contains(" inet " + range.at(1) + "/32 ")) {
            lines.add("addr del " + range.at(1) + "/32 dev lo");
        }
        if (shown.contains("unreachable " + range)) {
            lines.add("route del unreachable " + range + " metric 4000");
        }
        Commands.ip(lines);
        Commands.nft("add table ip " + names.region() + "\ndelete table ip " + names.region() + "\n");
        new DockerFirewall(names.region()).clear();
    }
}
