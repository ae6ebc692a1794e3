package dev.haneul.fabric.linux;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Devices, addresses and routes of one network namespace, changed by rtnetlink(7): what {@code ip} does, without the
 * milliseconds of a process. The kernel does what it is asked while it is asked, so nothing here waits; it refuses with
 * an {@link IOException} that names the request and carries the kernel's words. IPv4 only. Used by one thread at a time.
 */
public final class RouteSocket implements AutoCloseable {
    private static final int ERROR = 2;
    private static final int NEW_LINK = 16;
    private static final int GET_LINK = 18;
    private static final int NEW_ADDRESS = 20;
    private static final int NEW_ROUTE = 24;
    private static final int NEW_NEIGHBOUR = 28;

    private static final int REQUEST = 0x1;
    private static final int ACKNOWLEDGE = 0x4;
    private static final int REPLACE = 0x100;
    private static final int EXCLUSIVE = 0x200;
    private static final int CREATE = 0x400;
    private static final int FRESH = REQUEST | ACKNOWLEDGE | CREATE | EXCLUSIVE;

    private static final int HEADER_BYTES = 16;
    /** Of an acknowledgement: after the header the error and the header it answers. */
    private static final int ACK_BYTES = HEADER_BYTES + 4 + HEADER_BYTES;

    private static final int MOST_BYTES = 1024;
    private static final int ANSWER_BYTES = 32 * 1024;

    private static final byte INET = 2;
    private static final int UP = 1;
    private static final byte TABLE_MAIN = (byte) 254;
    private static final byte PROTOCOL_BOOT = 3;
    private static final byte SCOPE_LINK = (byte) 253;
    private static final byte UNICAST = 1;
    private static final short PERMANENT = 0x80;

    private final int socket;
    private int sequence;

    private RouteSocket(int socket) {
        this.socket = socket;
    }

    /** Of the calling thread's namespace; later calls may come from other threads. */
    public static RouteSocket open() throws IOException {
        return new RouteSocket(Linux.routeSocket());
    }

    /**
     * Makes a veth pair: one end here, which is up, the other in another namespace, to be raised there.
     *
     * @param device the name of the end here
     * @param peer the name of the other
     * @param mac the other's hardware address, as {@code 0e:…}
     * @param netns a descriptor of the other's namespace
     */
    public void addPair(String device, String peer, String mac, int netns) throws IOException {
        var message = new Message(NEW_LINK, FRESH);
        message.link(UP).text(3, device);
        int information = message.begin(18);
        message.text(1, "veth");
        int data = message.begin(2);
        int other = message.begin(1);
        message.link(0).text(3, peer).bytes(1, hardware(mac)).number(28, netns);
        message.end(other).end(data).end(information);
        ask(message, "making the veth pair " + device);
    }

    /** Lets a device carry packets. */
    public void raise(int index) throws IOException {
        var message = new Message(NEW_LINK, REQUEST | ACKNOWLEDGE);
        message.buffer.putInt(0).putInt(index).putInt(UP).putInt(UP);
        ask(message, "raising device " + index);
    }

    /** A device's index; devices that come and go get new ones. */
    public int index(String device) throws IOException {
        var message = new Message(GET_LINK, REQUEST);
        message.link(0).text(3, device);
        return ask(message, "looking for " + device).getInt(HEADER_BYTES + 4);
    }

    /** Gives a device an address without a network around it. */
    public void addAddress(int index, String address) throws IOException {
        var message = new Message(NEW_ADDRESS, FRESH);
        message.buffer.put(INET).put((byte) 32).put((byte) 0).put((byte) 0).putInt(index);
        message.bytes(2, bytes(address)).bytes(1, bytes(address));
        ask(message, "adding the address " + address);
    }

    /** Leads one address to a device. */
    public void addRoute(String address, int index) throws IOException {
        var message = new Message(NEW_ROUTE, FRESH);
        message.route(32, SCOPE_LINK).bytes(1, bytes(address)).number(4, index);
        ask(message, "adding the route to " + address);
    }

    /** Leads everything else to a gateway. */
    public void addDefaultRoute(String gateway, int index) throws IOException {
        var message = new Message(NEW_ROUTE, FRESH);
        message.route(0, (byte) 0).bytes(5, bytes(gateway)).number(4, index);
        ask(message, "adding the route by " + gateway);
    }

    /** Tells whose hardware has an address behind a device, for good; what was told before is replaced. */
    public void setNeighbour(String address, String mac, int index) throws IOException {
        var message = new Message(NEW_NEIGHBOUR, REQUEST | ACKNOWLEDGE | CREATE | REPLACE);
        message.buffer.put(INET).put((byte) 0).putShort((short) 0).putInt(index);
        message.buffer.putShort(PERMANENT).put((byte) 0).put((byte) 0);
        message.bytes(1, bytes(address)).bytes(2, hardware(mac));
        ask(message, "naming the neighbour " + address);
    }

    @Override
    public void close() {
        Linux.close(socket);
    }

    private static byte[] bytes(String address) {
        return Inet4Address.ofLiteral(address).getAddress();
    }

    private static byte[] hardware(String mac) {
        return HexFormat.ofDelimiter(":").parseHex(mac);
    }

    /** Sends a request and reads its answer: the object asked for, or the acknowledgement. */
    private ByteBuffer ask(Message message, String what) throws IOException {
        sequence++;
        Linux.write(socket, message.finish(sequence));
        var answer = ByteBuffer.wrap(Linux.read(socket, ANSWER_BYTES).getBytes(StandardCharsets.ISO_8859_1))
                .order(ByteOrder.nativeOrder());
        if (answer.limit() < HEADER_BYTES + 8 || answer.getInt(8) != sequence) {
            throw new IOException(what + ": the kernel's answer is not understood");
        }
        int error = answer.getShort(4) == ERROR ? -answer.getInt(HEADER_BYTES) : 0;
        if (error != 0) {
            throw new IOException(what + words(answer, error), new ErrnoException("rtnetlink", error));
        }
        return answer;
    }

    /** Why it refuses: the error's number, and in attribute 1 the kernel's own words where it has any. */
    private static String words(ByteBuffer answer, int error) {
        String number = new ErrnoException("", error).getMessage() + "";
        int end = Math.min(answer.limit(), answer.getInt(0));
        for (int at = ACK_BYTES; at + 4 <= end; ) {
            int length = answer.getShort(at) & 0xffff;
            if (length < 4 || at + length > end) {
                break;
            }
            if (answer.getShort(at + 2) == 1) {
                var text = new byte[length - 4];
                answer.get(at + 4, text);
                return number + ": " + new String(text, StandardCharsets.US_ASCII).replace("\0", "");
            }
            at += aligned(length);
        }
        return number;
    }

    private static int aligned(int length) {
        return length + 3 & ~3;
    }

    /** A request as it is put together: a header, a fixed part, attributes that may hold attributes. */
    private static final class Message {
        final ByteBuffer buffer = ByteBuffer.allocate(MOST_BYTES).order(ByteOrder.nativeOrder());

        Message(int type, int flags) {
            buffer.putInt(0)
                    .putShort((short) type)
                    .putShort((short) flags)
                    .putInt(0)
                    .putInt(0);
        }

        Message link(int flags) {
            buffer.putInt(0).putInt(0).putInt(flags).putInt(flags);
            return this;
        }

        Message route(int prefix, byte scope) {
            buffer.put(INET).put((byte) prefix).put((byte) 0).put((byte) 0);
            buffer.put(TABLE_MAIN).put(PROTOCOL_BOOT).put(scope).put(UNICAST).putInt(0);
            return this;
        }

        int begin(int attribute) {
            int at = buffer.position();
            buffer.putShort((short) 0).putShort((short) attribute);
            return at;
        }

        Message end(int at) {
            buffer.putShort(at, (short) (buffer.position() - at));
            buffer.put(new byte[aligned(buffer.position()) - buffer.position()]);
            return this;
        }

        Message bytes(int attribute, byte[] value) {
            int at = begin(attribute);
            buffer.put(value);
            return end(at);
        }

        Message text(int attribute, String value) {
            return bytes(attribute, (value + "\0").getBytes(StandardCharsets.US_ASCII));
        }

        Message number(int attribute, int value) {
            int at = begin(attribute);
            buffer.putInt(value);
            return end(at);
        }

        byte[] finish(int sequence) {
            buffer.putInt(0, buffer.position()).putInt(8, sequence);
            var bytes = new byte[buffer.position()];
            buffer.get(0, bytes);
            return bytes;
        }
    }
}
