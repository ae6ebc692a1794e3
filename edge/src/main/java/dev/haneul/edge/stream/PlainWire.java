package dev.haneul.edge.stream;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection as it is. */
public final class PlainWire extends Wire {
    /** Takes over a connected channel. */
    public PlainWire(SocketChannel channel, Deadlines deadlines) throws IOException {
        super(channel, deadlines);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    @Override
    protected int take(byte[] into, int offset, int length) throws IOException {
        return channel.read(ByteBuffer.wrap(into, offset, length));
    }

    @Override
    protected void put(byte[] from, int offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(from, offset, length);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public boolean quiet() {
        try {
            channel.configureBlocking(false);
            try {
                return channel.read(ByteBuffer.allocate(1)) == 0;
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }
}
