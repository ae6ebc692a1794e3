package dev.haneul.kernel.plane;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** The region's front door for connections that were accepted elsewhere, e.g. inside a sandbox's network namespace. */
@FunctionalInterface
public interface Ingress {
    /** Takes over a connected socket and serves it as if it had come in through the front door. */
    void adopt(SocketChannel socket) throws IOException;

    /** As {@link #adopt(SocketChannel)}, and counts what goes over the socket, where this door can. */
    default void adopt(SocketChannel socket, Traffic traffic) throws IOException {
        adopt(socket);
    }
}
