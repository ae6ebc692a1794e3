package dev.haneul.edge.http;

import dev.haneul.edge.live.LiveTarget;
import dev.haneul.edge.stream.Expired;
import dev.haneul.edge.stream.Tunnel;
import dev.haneul.edge.stream.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request over one link: the body goes out on a thread of its own while the answer is waited for, for a target may
 * answer before it has heard all.
 */
final class Passage {
    /** How long a client may go on with a body that its answer has overtaken. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final Inbound in;
    private final Link link;
    private final LiveTarget target;
    private final Trail trail;
    private final long idleNanos;
    private volatile @Nullable IOException bodyFailed;
    /** Whether the client owes a part of its body still. */
    private volatile boolean bodyAwaited;

    Passage(Inbound in, Link link, LiveTarget target, Trail trail, Duration idle) {
        this.in = in;
        this.link = link;
        this.target = target;
        this.trail = trail;
        this.idleNanos = idle.toNanos();
    }

    /** Hands an answer to the client. */
    @FunctionalInterface
    interface Relay {
        void relay(Answer answer) throws IOException;
    }

    /**
     * Sends a request and hands on its answer.
     *
     * @param stale whether the target may have closed the link before: then nothing was done, and the request may go again
     * @return false where it shall go again
     */
    boolean pass(RequestHead head, boolean upgrade, boolean stale, Relay relay) throws IOException {
        Runnable cut = link::close;
        target.onLeaving(cut);
        boolean whole = false;
        try {
            Answer answer = answer(head, upgrade, stale);
            if (answer == null) {
                return false;
            }
            H1Link upgraded = answer.upgraded();
            if (upgraded != null) {
                tunnel(answer, upgraded, upgrade);
                return true;
            }
            link.within(idleNanos);
            relay.relay(answer);
            whole = true;
            return true;
        } catch (Refused e) {
            throw e;
        } catch (IOException e) {
            // The client hears nothing more once its answer has begun; what broke is in the log.
            trail.failed(e);
            in.abort();
            return true;
        } finally {
            target.forget(cut);
            in.whenGone(null);
            if (whole) {
                link.done();
            } else {
                link.close();
            }
        }
    }

    private @Nullable Answer answer(RequestHead head, boolean upgrade, boolean stale) throws IOException {
        Thread pump = null;
        try {
            link.within(idleNanos);
            link.send(head, in.content(), upgrade);
            trail.sent();
            if (!in.content().ended()) {
                bodyAwaited = true;
                pump = Thread.ofVirtual().start(this::pump);
            } else if (!upgrade) {
                in.whenGone(link::close);
            }
            Answer answer = link.answer(head.method());
            in.whenGone(null);
            if (pump != null) {
                return lingering(answer, pump);
            }
            return answer;
        } catch (IOException e) {
            in.whenGone(null);
            boolean again = stale && !link.heard() && !(e instanceof Expired) && !in.gone() && !target.gone();
            if (again) {
                return null;
            }
            throw told(e);
        }
    }

    /** An answer whose end waits a little for the end of the request, so that the connection can be used on. */
    private static Answer lingering(Answer answer, Thread pump) {
        Content content = answer.content();
        Content waiting = new Content() {
            @Override
            public long length() {
                return content.length();
            }

            @Override
            public int read(byte[] into, int offset, int wanted) throws IOException {
                int count = content.read(into, offset, wanted);
                if (count < 0 || content.ended()) {
                    try {
                        pump.join(LINGER);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                return count;
            }

            @Override
            public boolean ended() {
                return content.ended();
            }

            @Override
            public boolean ready() {
                return content.ready();
            }

            @Override
            public @Nullable Headers trailers() {
                return content.trailers();
            }
        };
        return new Answer(answer.status(), answer.reason(), answer.headers(), waiting, answer.upgraded());
    }

    private void pump() {
        try {
            link.pump(in.content());
            bodyAwaited = false;
            in.whenGone(link::close);
        } catch (IOException e) {
            bodyFailed = e;
            if (e instanceof Refused
                    || e instanceof Expired
                    || in.gone()
                    || !in.content().ended()) {
                endEarly(e);
            }
        }
    }

    /** What the client did not finish, the target cannot either; but it may have answered already. */
    private void endEarly(IOException why) {
        boolean clients = why instanceof Refused || why instanceof Expired || why instanceof java.io.EOFException;
        if (clients || in.gone()) {
            link.close();
        }
    }

    /** What the client is told of a failure. */
    private IOException told(IOException failure) {
        trail.failed(failure);
        IOException body = bodyFailed;
        if (body instanceof Refused refused) {
            return refused;
        }
        if (body instanceof Expired || bodyAwaited && failure instanceof Expired) {
            return new Refused(408, "the client did not send its body in time");
        }
        if (in.gone() || body instanceof java.io.EOFException) {
            trail.left();
            return new Refused(460, "the client left");
        }
        if (target.gone()) {
            return new Refused(502, "the target left");
        }
        if (failure instanceof Expired) {
            return new Refused(504, "the target did not answer in time");
        }
        return new Refused(502, "the target did not answer well");
    }

    private void tunnel(Answer answer, H1Link upgraded, boolean asked) throws IOException {
        if (!asked) {
            throw new Refused(502, "the target switched protocols unasked");
        }
        trail.targetAnswered(answer.status());
        trail.answered(answer.status());
        Headers headers = Forwarded.answer(answer.headers());
        String protocol = answer.headers().get("upgrade");
        headers.add("Connection", "Upgrade").set("Upgrade", protocol == null ? "websocket" : protocol);
        Wire client = in.upgrade(headers, upgraded.wire());
        trail.clientHasHead();
        upgraded.drainTo(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                client.write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int count) throws IOException {
                client.write(from, offset, count);
            }
        });
        new Tunnel(client, upgraded.wire(), idleNanos).run();
    }
}
