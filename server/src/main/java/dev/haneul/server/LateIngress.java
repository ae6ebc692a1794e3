package dev.haneul.server;

import dev.haneul.kernel.plane.Ingress;
import dev.haneul.kernel.plane.Traffic;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The front door, known to the rooms before it is hung: the gateway needs the rooms, and the rooms need the gateway. */
final class LateIngress implements Ingress {
    private final AtomicReference<@Nullable Ingress> door = new AtomicReference<>();

    void hang(Ingress gateway) {
        door.set(gateway);
    }

    @Override
    public void adopt(SocketChannel socket) throws IOException {
        adopt(socket, new Traffic());
    }

    @Override
    public void adopt(SocketChannel socket, Traffic traffic) throws IOException {
        Ingress gateway = door.get();
        if (gateway == null) {
            socket.close();
            throw new IOException("the region is not open yet");
        }
        gateway.adopt(socket, traffic);
    }
}
