package dev.haneul.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything that can be set about a region.
 *
 * @param port TCP port of the front door; 0 lets the system choose
 * @param bind address to listen on; anything but loopback needs generated root keys
 * @param data folder of all state; made where it is absent
 * @param ephemeral whether the state is thrown away at the end
 * @param runtimes folder with the language runtimes' own files (see {@code dist/runtimes})
 * @param engine {@code auto}, {@code sandbox}, {@code docker} or {@code process}
 * @param exactRuntimes whether functions run only on the very version of the language they ask for
 * @param enforced whether permissions are checked; false ({@code --iam off}) allows every call whose signature is right
 * @param scale by how much EC2 instances get less than their type says, 1 to 64 ({@code --scale 1:8} is 8)
 * @param virtual whether EC2 instances are virtual machines ({@code --machines vm}), with an emulated processor where KVM
 *     boots none; otherwise system containers
 */
public record Settings(
        int port,
        String bind,
        Path data,
        boolean ephemeral,
        Path runtimes,
        String engine,
        boolean exactRuntimes,
        boolean enforced,
        int scale,
        boolean virtual) {
    private static final int MOST_SCALE = 64;

    /** Permissions are checked. */
    public Settings(
            int port, String bind, Path data, boolean ephemeral, Path runtimes, String engine, boolean exactRuntimes) {
        this(port, bind, data, ephemeral, runtimes, engine, exactRuntimes, true, 1, false);
    }

    /** Functions may run on the nearest version that is installed. */
    public Settings(int port, String bind, Path data, boolean ephemeral, Path runtimes, String engine) {
        this(port, bind, data, ephemeral, runtimes, engine, false);
    }

    public Settings {
        if (port < 0 || port > 65535) {
            throw new StartFailure("--port needs a number between 1 and 65535, not " + port);
        }
        if (scale < 1 || scale > MOST_SCALE) {
            throw new StartFailure("--scale is 1:1 to 1:" + MOST_SCALE + ", not 1:" + scale);
        }
    }

    /** Reads what {@code --scale} says, for example {@code 1:8}. */
    static int scale(String words) {
        if (!words.matches("1:[0-9]{1,4}")) {
            throw new StartFailure("--scale is 1:1 to 1:" + MOST_SCALE + ", for example 1:8, not " + words);
        }
        return Integer.parseInt(words.substring(2));
    }

    /** Reads what {@code --machines} says. */
    static boolean virtual(String words) {
        if (!words.equals("vm") && !words.equals("container")) {
            throw new StartFailure("--machines is container or vm, not " + words);
        }
        return words.equals("vm");
    }

    /** The address to bind. */
    public InetAddress address() {
        try {
            return InetAddress.getByName(bind);
        } catch (UnknownHostException e) {
            throw new StartFailure("--bind " + bind + " is no address of this machine", e);
        }
    }

    /**
     * Where clients of this machine find the region. An address and no name: SDKs then keep bucket names in paths, and
     * not every system resolves {@code bucket.localhost}.
     */
    public String endpoint(int listeningPort) {
        InetAddress address = address();
        String host = address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + listeningPort;
    }

    /** The jars a Java function's runtime needs, in class path order; empty where they are not shipped. */
    public List<Path> javaRuntimeJars() {
        Path folder = runtimes.resolve("java");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> jars = Files.list(folder)) {
            return jars.filter(jar -> jar.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException e) {
            throw new StartFailure("the runtimes folder " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether only this machine can reach the region, so that the well-known root key may be used. */
    public boolean loopback() {
        return address().isLoopbackAddress();
    }
}
