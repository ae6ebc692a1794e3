package dev.haneul.edge.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** An encrypted connection. */
public final class TlsWire extends Wire {
    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;

    private TlsWire(SocketChannel channel, Deadlines deadlines, SSLSocket socket) throws IOException {
        super(channel, deadlines);
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /**
     * Shakes hands with a client.
     *
     * @param timeoutNanos how long that may take
     */
    public static TlsWire server(SocketChannel channel, Deadlines deadlines, ServerTls tls, long timeoutNanos)
            throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        SSLSocket socket = (SSLSocket)
                tls.context().getSocketFactory().createSocket(channel.socket(), InputStream.nullInputStream(), true);
        tls.configure(socket);
        return shaken(new TlsWire(channel, deadlines, socket), timeoutNanos);
    }

    /**
     * Shakes hands with a target.
     *
     * @param alpn offered protocols; empty for none
     */
    public static TlsWire client(
            SocketChannel channel, Deadlines deadlines, SSLContext context, List<String> alpn, long timeoutNanos)
            throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(channel.socket(), null, 0, true);
        socket.setUseClientMode(true);
        if (!alpn.isEmpty()) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(alpn.toArray(String[]::new));
            socket.setSSLParameters(parameters);
        }
        return shaken(new TlsWire(channel, deadlines, socket), timeoutNanos);
    }

    private static TlsWire shaken(TlsWire wire, long timeoutNanos) throws IOException {
        boolean done = false;
        wire.readWithin(timeoutNanos);
        try {
            wire.socket.startHandshake();
            done = true;
        } catch (IOException e) {
            throw wire.isExpired() ? new Expired("the TLS handshake took too long") : e;
        } finally {
            wire.readWithin(0);
            if (!done) {
                wire.close();
            }
        }
        return wire;
    }

    /** The protocol that was agreed on; empty for none. */
    public String protocol() {
        String agreed = socket.getApplicationProtocol();
        return agreed == null ? "" : agreed;
    }

    public SSLSession session() {
        return socket.getSession();
    }

    @Override
    protected int take(byte[] into, int offset, int length) throws IOException {
        return in.read(into, offset, length);
    }

    @Override
    protected void put(byte[] from, int offset, int length) throws IOException {
        out.write(from, offset, length);
    }

    /** An encrypted byte cannot be told from an end without reading it: what lay idle for long is not used. */
    @Override
    public boolean quiet() {
        try {
            channel.configureBlocking(false);
            try {
                // Anything at all, a ticket or a farewell, makes it a connection not to be used again.
                return channel.read(java.nio.ByteBuffer.allocate(1)) == 0;
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void endOutput() throws IOException {
        socket.shutdownOutput();
    }
}
