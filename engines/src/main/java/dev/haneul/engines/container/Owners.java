package dev.haneul.engines.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/** Owners and modes of files and links themselves. */
final class Owners {
    private static final int MODE_BITS = 07777;

    private Owners() {}

    /** Gives a file to somebody, then sets its mode, set-user-id and the like included; a link has none. */
    static void set(Path path, int uid, int gid, int mode) throws IOException {
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        if (!Files.isSymbolicLink(path)) {
            Files.setAttribute(path, "unix:mode", mode & MODE_BITS);
        }
    }

    static void copy(Path from, Path to) throws IOException {
        Map<String, Object> facts = Files.readAttributes(from, "unix:uid,gid,mode", LinkOption.NOFOLLOW_LINKS);
        set(to, number(facts, "uid"), number(facts, "gid"), number(facts, "mode"));
    }

    private static int number(Map<String, Object> facts, String name) {
        return facts.get(name) instanceof Integer it ? it : 0;
    }
}
