package dev.haneul.wire.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.conscrypt.AllocatedBuffer;
import org.conscrypt.BufferAllocator;
import org.conscrypt.Conscrypt;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * TLS in machine code, BoringSSL's by way of Conscrypt. A handshake takes the JDK some ten milliseconds until the compiler
 * has come to its elliptic curves, and clients of registries open half a dozen connections for each image.
 *
 * @see <a href="https://conscrypt.org">Conscrypt</a>
 */
final class NativeTls {
    private NativeTls() {}

    /**
     * A context that serves with these keys and asks clients for no certificate.
     *
     * @return null where there is no library for this machine
     */
    static @Nullable SSLContext context(KeyManager[] keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS", Conscrypt.newProvider());
            context.init(keys, new TrustManager[0], new SecureRandom());
            return context;
        } catch (GeneralSecurityException | LinkageError notHere) {
            System.getLogger(NativeTls.class.getName())
                    .log(System.Logger.Level.INFO, "TLS is served by the JDK: " + notHere.getMessage());
            return null;
        }
    }

    /** Lets an engine have the pool's memory outside the heap, where it would keep some of its own for each connection. */
    static void lend(SSLEngine engine, ByteBufferPool pool) {
        Conscrypt.setBufferAllocator(engine, new Lender(pool));
    }

    /** Whether it is one of ours, which Jetty's own way to agree on a protocol does not know. */
    static boolean made(SSLEngine engine) {
        return Conscrypt.isConscrypt(engine);
    }

    private static final class Lender extends BufferAllocator {
        private final ByteBufferPool pool;

        Lender(ByteBufferPool pool) {
            this.pool = pool;
        }

        @Override
        public AllocatedBuffer allocateDirectBuffer(int capacity) {
            return new Lent(pool.acquire(capacity, true));
        }

        @Override
        public AllocatedBuffer allocateHeapBuffer(int capacity) {
            return unpooled().allocateHeapBuffer(capacity);
        }
    }

    private static final class Lent extends AllocatedBuffer {
        private final RetainableByteBuffer.Mutable buffer;

        Lent(RetainableByteBuffer.Mutable buffer) {
            this.buffer = buffer;
            BufferUtil.clearToFill(buffer.getByteBuffer());
        }

        @Override
        public ByteBuffer nioBuffer() {
            return buffer.getByteBuffer();
        }

        @Override
        public AllocatedBuffer retain() {
            buffer.retain();
            return this;
        }

        @Override
        public AllocatedBuffer release() {
            buffer.release();
            return this;
        }
    }
}
