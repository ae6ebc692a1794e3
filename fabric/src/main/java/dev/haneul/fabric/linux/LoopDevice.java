package dev.haneul.fabric.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * A file as a block device (loop(4)). It is let go by the kernel as soon as nobody has it open or mounted any longer, so
 * there is nothing to clear away.
 */
public final class LoopDevice implements AutoCloseable {
    private static final long GET_FREE = 0x4C82;
    private static final long CONFIGURE = 0x4C0A;
    private static final int CONFIG_BYTES = 304;
    private static final int CONFIG_FLAGS = 8 + 52;
    private static final int AUTOCLEAR = 4;
    private static final int EBUSY = 16;
    private static final int ATTEMPTS = 64;

    private final String path;
    private final int descriptor;

    private LoopDevice(String path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /**
     * Attaches an image. The device has to be mounted before this is closed.
     *
     * @throws IOException where this host gives us no loop device
     */
    public static LoopDevice attach(String image) throws IOException {
        int backing = Linux.open(image, Linux.O_RDWR);
        int control = -1;
        try {
            control = Linux.open("/dev/loop-control", Linux.O_RDWR);
            for (int i = 0; i < ATTEMPTS; i++) {
                String path = "/dev/loop" + Linux.ioctl(control, GET_FREE, 0);
                int device = Linux.open(path, Linux.O_RDWR);
                if (configured(device, backing)) {
                    return new LoopDevice(path, device);
                }
                Linux.close(device); // somebody else was quicker
            }
            throw new IOException("no loop device is free for long enough");
        } finally {
            Linux.close(control);
            Linux.close(backing);
        }
    }

    private static boolean configured(int device, int backing) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var config = arena.allocate(CONFIG_BYTES, 8);
            config.set(ValueLayout.JAVA_INT, 0, backing);
            config.set(ValueLayout.JAVA_INT, CONFIG_FLAGS, AUTOCLEAR);
            Linux.ioctl(device, CONFIGURE, config.address());
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == EBUSY) {
                return false;
            }
            Linux.close(device);
            throw e;
        }
    }

    /** E.g. {@code /dev/loop3}. */
    public String path() {
        return path;
    }

    @Override
    public void close() {
        Linux.close(descriptor);
    }
}
