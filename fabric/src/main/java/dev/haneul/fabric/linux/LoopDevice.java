package dev.haneul.fabric.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * A file as a block device (loop(4)). Unless it is {@linkplain #attachForGood attached for good} it is let go by the
 * kernel as soon as nobody has it open or mounted any longer, so there is nothing to clear away.
 */
public final class LoopDevice implements AutoCloseable {
    private static final long GET_FREE = 0x4C82;
    private static final long CONFIGURE = 0x4C0A;
    private static final long CLEAR = 0x4C01;
    private static final long FLUSH = 0x1261;
    private static final long SET_CAPACITY = 0x4C07;
    private static final int CONFIG_BYTES = 304;
    private static final int CONFIG_FLAGS = 8 + 52;
    private static final int AUTOCLEAR = 4;
    private static final int EBUSY = 16;
    private static final int ENXIO = 6;
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
        return attach(image, AUTOCLEAR);
    }

    /**
     * Attaches an image until {@link #detach}, whoever has the device open or ends in between.
     *
     * @throws IOException where this host gives us no loop device
     */
    public static LoopDevice attachForGood(String image) throws IOException {
        return attach(image, 0);
    }

    /**
     * Lets go of an image. Where the device is still in use this happens with its last user's end; does nothing where it
     * has none.
     */
    public static void detach(String device) throws IOException {
        control(device, CLEAR);
    }

    /** Takes over the size of an image that has grown. */
    public static void grow(String device) throws IOException {
        control(device, SET_CAPACITY);
    }

    /** Writes out what the device, and a file system mounted of it, have not written to the image yet. */
    public static void flush(String device) throws IOException {
        control(device, FLUSH);
    }

    private static void control(String path, long request) throws IOException {
        int device = Linux.open(path, Linux.O_RDWR);
        try {
            Linux.ioctl(device, request, 0);
        } catch (ErrnoException e) {
            if (e.errno() != ENXIO) {
                throw e;
            }
        } finally {
            Linux.close(device);
        }
    }

    private static LoopDevice attach(String image, int flags) throws IOException {
        int backing = Linux.open(image, Linux.O_RDWR);
        int control = -1;
        try {
            control = Linux.open("/dev/loop-control", Linux.O_RDWR);
            for (int i = 0; i < ATTEMPTS; i++) {
                String path = "/dev/loop" + Linux.ioctl(control, GET_FREE, 0);
                int device = Linux.open(path, Linux.O_RDWR);
                if (configured(device, backing, flags)) {
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

    private static boolean configured(int device, int backing, int flags) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var config = arena.allocate(CONFIG_BYTES, 8);
            config.set(ValueLayout.JAVA_INT, 0, backing);
            config.set(ValueLayout.JAVA_INT, CONFIG_FLAGS, flags);
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
