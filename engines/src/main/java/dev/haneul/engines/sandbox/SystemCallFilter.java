package dev.haneul.engines.sandbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A seccomp filter (Linux: Documentation/userspace-api/seccomp_filter.rst) that denies with EPERM what no function or
 * container needs: most of it takes capabilities that workloads do not have anyway, and is denied to keep the kernel's
 * less travelled roads out of reach. Keyrings are denied because they belong to users, and all workloads are one user
 * to the kernel. The verdict depends on nothing but the call's number, which lets the kernel remember it: allowed calls
 * cost nothing.
 */
final class SystemCallFilter {
    private static final int[] AMD64 = {
        103, 153, 154, 155, 159, 161, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 175, 176, 179, 180, 212,
        227, 246, 248, 249, 250, 272, 298, 300, 304, 305, 308, 312, 313, 320, 321, 323
    };
    private static final int[] AARCH64 = {
        18, 39, 40, 41, 51, 58, 60, 89, 97, 104, 105, 106, 112, 116, 142, 161, 162, 170, 171, 217, 218, 219, 224, 225,
        241, 262, 265, 266, 268, 272, 273, 280, 282, 294
    };
    /** Newer calls have one number everywhere: io_uring, the new mount calls, pidfd_getfd, quotactl_fd. */
    private static final int[] EVERYWHERE = {425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 443};

    private static final int AUDIT_ARCH_AMD64 = 0xC000003E;
    private static final int AUDIT_ARCH_AARCH64 = 0xC00000B7;
    /** On amd64, numbers from here on are the x32 ABI: the same calls by another name. */
    private static final int X32 = 0x40000000;

    private static final int NUMBER_OFFSET = 0;
    private static final int ARCHITECTURE_OFFSET = 4;
    private static final short LOAD = 0x20;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short JUMP_IF_AT_LEAST = 0x35;
    private static final short RETURN = 0x06;
    private static final int KILL = 0x80000000;
    private static final int ALLOW = 0x7FFF0000;
    private static final int DENY = 0x00050001;
    private static final int INSTRUCTION_BYTES = 8;

    private SystemCallFilter() {}

    /** Writes the filter to a file, where {@code bwrap} reads it. */
    static Path write(Path file) throws IOException {
        var half = file.resolveSibling(file.getFileName() + ".new");
        Files.write(half, program(System.getProperty("os.arch", "").equals("aarch64")));
        return Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The filter as an array of {@code struct sock_filter}. */
    static byte[] program(boolean aarch64) {
        int[] own = aarch64 ? AARCH64 : AMD64;
        int tests = own.length + EVERYWHERE.length + 1;
        var code = ByteBuffer.allocate((tests + 6) * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
        add(code, LOAD, 0, 0, ARCHITECTURE_OFFSET);
        add(code, JUMP_IF_EQUAL, 1, 0, aarch64 ? AUDIT_ARCH_AARCH64 : AUDIT_ARCH_AMD64);
        add(code, RETURN, 0, 0, KILL);
        add(code, LOAD, 0, 0, NUMBER_OFFSET);
        int left = tests;
        add(code, JUMP_IF_AT_LEAST, left--, 0, X32);
        for (int[] numbers : new int[][] {own, EVERYWHERE}) {
            for (int number : numbers) {
                add(code, JUMP_IF_EQUAL, left--, 0, number);
            }
        }
        add(code, RETURN, 0, 0, ALLOW);
        add(code, RETURN, 0, 0, DENY);
        return code.array();
    }

    private static void add(ByteBuffer code, short operation, int ifTrue, int ifFalse, int operand) {
        code.putShort(operation).put((byte) ifTrue).put((byte) ifFalse).putInt(operand);
    }
}
