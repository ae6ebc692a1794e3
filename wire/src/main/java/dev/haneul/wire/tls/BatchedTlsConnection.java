package dev.haneul.wire.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** Encrypts and decrypts as many records as fit into the buffers it was given before it turns to the socket again. */
final class BatchedTlsConnection extends SslConnection {
    private static final int HEADER_BYTES = 5;
    private static final int FIRST_TYPE = 20;
    private static final int LAST_TYPE = 23;
    private static final int RECORDS_UNSENT = 16;

    BatchedTlsConnection(
            ByteBufferPool buffers, Executor executor, SslContextFactory context, EndPoint endPoint, SSLEngine engine) {
        // On the heap: what the pool does not keep of a rush would otherwise stay until a full collection.
        super(buffers, executor, context, endPoint, engine, false, false);
    }

    /** What machine code holds for a connection would be held until the heap is looked through, which need not be soon. */
    @Override
    public void onClose(@Nullable Throwable cause) {
        super.onClose(cause);
        SSLEngine engine = getSSLEngine();
        engine.closeOutbound();
        try {
            engine.closeInbound();
            sendNobody(engine);
        } catch (SSLException theOtherSideJustWent) {
            // As many do: nobody waits for an answer any longer.
        }
    }

    /** What was to be sent still, the word of its end among it: an engine lets go of what it holds once that is out. */
    private static void sendNobody(SSLEngine engine) throws SSLException {
        if (engine.isOutboundDone()) {
            return;
        }
        ByteBuffer sink = ByteBuffer.allocate(recordBytes(engine));
        int most = RECORDS_UNSENT;
        while (!engine.isOutboundDone() && most-- > 0) {
            engine.wrap(BufferUtil.EMPTY_BUFFER, sink);
            sink.clear();
        }
    }

    @Override
    protected SSLEngineResult wrap(SSLEngine engine, ByteBuffer[] input, ByteBuffer output) throws SSLException {
        SSLEngineResult step = engine.wrap(input, output);
        SSLEngineResult sum = step;
        while (goesOn(step, input) && output.remaining() >= recordBytes(engine)) {
            step = engine.wrap(input, output);
            sum = plus(sum, step, step.getStatus() == Status.CLOSED ? Status.CLOSED : Status.OK);
        }
        return sum;
    }

    /** Also of a handshake, whose answer has half a dozen records, each of which would wake up the client. */
    private static boolean goesOn(SSLEngineResult step, ByteBuffer[] input) {
        boolean handshake = step.getStatus() == Status.OK
                && step.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                && step.bytesProduced() > 0;
        return handshake || (wasContent(step) && !BufferUtil.isEmpty(input));
    }

    @Override
    protected SSLEngineResult unwrap(SSLEngine engine, ByteBuffer input, ByteBuffer output) throws SSLException {
        SSLEngineResult step = engine.unwrap(input, output);
        SSLEngineResult sum = step;
        while (wasContent(step) && holdsRecord(input) && output.remaining() >= contentBytes(engine)) {
            step = engine.unwrap(input, output);
            // What has come is read first: the end is told again.
            sum = plus(sum, step, Status.OK);
        }
        return sum;
    }

    /** Whether nothing but content went through, so that there may be more of it. */
    private static boolean wasContent(SSLEngineResult result) {
        return result.getStatus() == Status.OK
                && result.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
                && result.bytesConsumed() > 0
                && result.bytesProduced() > 0;
    }

    /** All steps as one. Where the last of them lacked room, the next one, which gets it, will say so again. */
    private static SSLEngineResult plus(SSLEngineResult sum, SSLEngineResult step, Status status) {
        return new SSLEngineResult(
                status,
                step.getHandshakeStatus(),
                sum.bytesConsumed() + step.bytesConsumed(),
                sum.bytesProduced() + step.bytesProduced());
    }

    private static int recordBytes(SSLEngine engine) {
        return engine.getSession().getPacketBufferSize();
    }

    private static int contentBytes(SSLEngine engine) {
        return engine.getSession().getApplicationBufferSize();
    }

    /** Does not ask the socket for more while a whole record waits. */
    @Override
    protected int networkFill(ByteBuffer input) throws IOException {
        return holdsRecord(input) ? 0 : super.networkFill(input);
    }

    /** See RFC 8446, section 5.1; what does not look like that is left to the engine to judge. */
    private static boolean holdsRecord(ByteBuffer input) {
        int start = input.position();
        if (input.remaining() < HEADER_BYTES) {
            return false;
        }
        int type = input.get(start);
        int length = Short.toUnsignedInt(input.getShort(start + HEADER_BYTES - Short.BYTES));
        return type >= FIRST_TYPE && type <= LAST_TYPE && input.remaining() >= HEADER_BYTES + length;
    }
}
