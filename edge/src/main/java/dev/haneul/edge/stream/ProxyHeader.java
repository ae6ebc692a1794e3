package dev.haneul.edge.stream;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** The header by which a target learns who its client is: proxy protocol, version 2. */
final class ProxyHeader {
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    private ProxyHeader() {}

    /** For a connection from a client to an address of ours. */
    static byte[] of(InetSocketAddress client, InetSocketAddress ours) {
        boolean four = client.getAddress() instanceof Inet4Address && ours.getAddress() instanceof Inet4Address;
        byte[] from = client.getAddress().getAddress();
        byte[] to = ours.getAddress().getAddress();
        boolean same = from.length == to.length;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        out.write(same ? 0x21 : 0x20);
        out.write(same ? (four ? 0x11 : 0x21) : 0);
        ByteBuffer rest = ByteBuffer.allocate(same ? from.length * 2 + 4 : 0);
        if (same) {
            rest.put(from).put(to).putShort((short) client.getPort()).putShort((short) ours.getPort());
        }
        out.write(rest.capacity() >> 8);
        out.write(rest.capacity());
        out.writeBytes(rest.array());
        return out.toByteArray();
    }
}
