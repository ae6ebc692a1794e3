package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * The public addresses of a region: one of 32 blocks of 4,096 out of 198.18.0.0/15, which is set aside for measuring
 * devices (RFC 2544) and so is nobody's network. Kept in the region's folder, for its records name addresses of it;
 * claimed in /run, so that two regions of one machine take two. A claim whose folder is gone is void; see {@link
 * DeadRegions}.
 */
final class PublicRange {
    private static final Cidr ALL = Cidr.parse("198.18.0.0/15");
    private static final int BLOCK_BITS = 20;
    private static final int BLOCKS = 1 << BLOCK_BITS - 15;
    private static final String KEY = "public-range";
    static final Path CLAIMS = Path.of("/run/haneul-public-ranges");
    private static final Pattern DESTINATION = Pattern.compile("^(?:\\w+ )?([0-9.]+(?:/\\d+)?)(?: .*)?$");

    private final Path folder;
    private final Path claims;

    private PublicRange(Path folder, Path claims) {
        this.folder = folder.toAbsolutePath().normalize();
        this.claims = claims;
    }

    /** The region's block: the one it has, or the first free one from one that follows from the folder on. */
    static Cidr of(Path folder) throws IOException {
        return of(folder, CLAIMS);
    }

    /** @param claims a folder that all regions of the machine share, made where it can be */
    static Cidr of(Path folder, Path claims) throws IOException {
        return new PublicRange(folder, claims).kept();
    }

    private Cidr kept() throws IOException {
        var file = folder.resolve("vpc-host.properties");
        var properties = new Properties();
        if (Files.exists(file)) {
            try (var in = Files.newBufferedReader(file)) {
                properties.load(in);
            }
        }
        String text = properties.getProperty(KEY);
        if (text != null) {
            var range = Cidr.parse(text);
            if (!claim(range)) {
                throw new IOException(
                        range + ", which this region's public addresses come from, is in use by the region in "
                                + Files.readString(claimOf(range)));
            }
            return range;
        }
        var range = choose();
        properties.setProperty(KEY, range.toString());
        Files.createDirectories(folder);
        var fresh = folder.resolve("vpc-host.properties.new");
        try (var out = Files.newBufferedWriter(fresh)) {
            properties.store(out, null);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return range;
    }

    private Cidr choose() throws IOException {
        var taken = taken();
        int first = Math.floorMod(folder.toString().hashCode(), BLOCKS);
        for (int i = 0; i < BLOCKS; i++) {
            var block = Cidr.parse(ALL.at((long) ((first + i) % BLOCKS) << 32 - BLOCK_BITS) + "/" + BLOCK_BITS);
            if (taken.stream().noneMatch(block::overlaps) && claim(block)) {
                return block;
            }
        }
        throw new IOException("all of " + ALL + " is in use on this machine");
    }

    /** Whether the block is ours now. Where claims cannot be kept, everything is. */
    private boolean claim(Cidr block) {
        synchronized (PublicRange.class) { // a file's lock is the process's, not the thread's
            try {
                Files.createDirectories(claims);
                try (var channel = FileChannel.open(
                                claims.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        var lock = channel.lock()) {
                    return lock.isValid() && claimLocked(claimOf(block));
                }
            } catch (IOException e) {
                return true; // not root: nothing will be routed either
            }
        }
    }

    private boolean claimLocked(Path claim) throws IOException {
        if (Files.exists(claim)) {
            String owner = Files.readString(claim);
            if (!owner.equals(folder.toString()) && Files.isDirectory(Path.of(owner))) {
                return false;
            }
        }
        Files.writeString(claim, folder.toString());
        return true;
    }

    private Path claimOf(Cidr block) {
        return claims.resolve(block.address() + "-" + block.bits());
    }

    private static List<Cidr> taken() {
        var taken = new ArrayList<Cidr>();
        try {
            for (String line : Commands.ip(List.of("route show table all")).split("\n")) {
                var route = DESTINATION.matcher(line.strip());
                var cidr = route.matches() ? Cidr.parseOrNull(route.group(1)) : null;
                if (cidr != null && cidr.bits() > 0) {
                    taken.add(cidr);
                }
            }
        } catch (IOException e) {
            return List.of(); // no tools, so no networks either: any block will do
        }
        return taken;
    }
}
