package dev.haneul.engines.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the filter on a tiny machine of our own; the kernel's verdicts are in {@link EscapeTest}. */
final class SystemCallFilterTest {
    private static final int ALLOW = 0x7FFF0000;
    private static final int DENY = 0x00050001;
    private static final int KILL = 0x80000000;

    @ParameterizedTest
    @CsvSource({
        "false, 0xC000003E, 0, allow", // read
        "false, 0xC000003E, 59, allow", // execve
        "false, 0xC000003E, 435, allow", // clone3
        "false, 0xC000003E, 165, deny", // mount
        "false, 0xC000003E, 103, deny", // the first in the list: syslog
        "false, 0xC000003E, 323, deny", // the last of its own: userfaultfd
        "false, 0xC000003E, 443, deny", // the very last
        "false, 0xC000003E, 0x40000027, deny", // x32
        "false, 0x40000003, 20, kill", // i386
        "true, 0xC00000B7, 63, allow", // read
        "true, 0xC00000B7, 221, allow", // execve
        "true, 0xC00000B7, 40, deny", // mount
        "true, 0xC00000B7, 219, deny", // keyctl
        "true, 0x40000028, 40, kill", // 32-bit ARM
    })
    void verdicts(boolean aarch64, String architecture, String number, String verdict) {
        int expected = verdict.equals("allow") ? ALLOW : verdict.equals("deny") ? DENY : KILL;

        assertThat(run(
                        SystemCallFilter.program(aarch64),
                        Integer.parseUnsignedInt(architecture.substring(2), 16),
                        Integer.decode(number)))
                .isEqualTo(expected);
    }

    private static int run(byte[] program, int architecture, int number) {
        var code = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
        int accumulator = 0;
        for (int at = 0; ; at++) {
            int operation = code.getShort(at * 8);
            int ifTrue = code.get(at * 8 + 2) & 0xFF;
            int ifFalse = code.get(at * 8 + 3) & 0xFF;
            int operand = code.getInt(at * 8 + 4);
            switch (operation) {
                case 0x20 -> accumulator = operand == 0 ? number : architecture;
                case 0x15 -> at += accumulator == operand ? ifTrue : ifFalse;
                case 0x35 -> at += Integer.compareUnsigned(accumulator, operand) >= 0 ? ifTrue : ifFalse;
                case 0x06 -> {
                    return operand;
                }
                default -> throw new AssertionError("operation " + operation);
            }
        }
    }
}
