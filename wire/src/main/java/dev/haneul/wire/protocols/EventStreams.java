package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Event streams ⇄ the messages of {@link EventMessage}: which member an event is stands in {@code :event-type}, its
 * header members are headers, its payload member or the document of the rest is the payload.
 */
final class EventStreams {
    static final String MEDIA_TYPE = "application/vnd.amazon.eventstream";

    private final Documents documents;

    /** How structures are written inside an event: the protocol's own documents. */
    interface Documents {
        String mediaType();

        void read(InputStream in, Struct into);

        byte[] write(Struct struct);
    }

    EventStreams(Documents documents) {
        this.documents = documents;
    }

    /** The events of a request's body, decoded as they are pulled. */
    EventStream reader(Member member, Body body) {
        return new Reader(events(member), body);
    }

    /** The answer whose body is the output's stream. */
    WireResponse.Payload response(Member member, Struct output, Headers headers) {
        headers.set("Content-Type", MEDIA_TYPE);
        return new WireResponse.Events(new Writer(events(member), stream(member, output), null));
    }

    /** As {@link #response}, led in by an event with the output's other members, as RPC protocols do. */
    WireResponse.Payload rpcResponse(Member member, Struct output, Headers headers) {
        headers.set("Content-Type", MEDIA_TYPE);
        Struct initial = output.fresh();
        for (Member other : output.shape().members()) {
            if (other != member) {
                initial.set(other.index(), output.get(other.index()));
            }
        }
        Map<String, Object> lead = new LinkedHashMap<>();
        lead.put(":message-type", "event");
        lead.put(":event-type", "initial-response");
        lead.put(":content-type", documents.mediaType());
        EventMessage first = new EventMessage(lead, documents.write(initial));
        return new WireResponse.Events(new Writer(events(member), stream(member, output), first));
    }

    private static StructShape events(Member member) {
        if (member.shape() instanceof StructShape shape) {
            return shape;
        }
        throw new IllegalArgumentException(member + " is no event stream of a union");
    }

    private static EventStream stream(Member member, Struct output) {
        if (output.get(member.index()) instanceof EventStream stream) {
            return stream;
        }
        throw new IllegalArgumentException(output.shape().name() + " has no event stream set");
    }

    private final class Reader implements EventStream {
        private final StructShape shape;
        private final Body body;

        Reader(StructShape shape, Body body) {
            this.shape = shape;
            this.body = body;
        }

        @Override
        public @Nullable Struct next() throws IOException {
            try {
                EventMessage message = EventMessage.read(body.stream());
                if (message != null && message.headers().containsKey(":chunk-signature")) {
                    // A signed envelope: the event itself is the payload, an empty one is the end.
                    message = EventMessage.read(new ByteArrayInputStream(message.payload()));
                }
                return message == null ? null : decode(message);
            } catch (Malformed e) {
                throw Fault.client("SerializationException", 400, e.message());
            }
        }

        private Struct decode(EventMessage message) {
            String type = message.text(":event-type");
            Member event = type == null ? null : shape.member(type);
            if (event == null || !(event.shape() instanceof StructShape eventShape)) {
                throw new Malformed("Unknown event type " + type + ".");
            }
            Struct value = eventShape.create();
            boolean document = true;
            for (Member member : eventShape.members()) {
                if (member.is(Member.Flag.EVENT_HEADER)) {
                    value.set(member.index(), message.headers().get(member.name()));
                } else if (member.is(Member.Flag.EVENT_PAYLOAD)) {
                    document = false;
                    value.set(member.index(), payload(member, message.payload()));
                }
            }
            if (document && message.payload().length > 0) {
                documents.read(new ByteArrayInputStream(message.payload()), value);
            }
            Struct union = shape.create();
            union.set(event.index(), value);
            return union;
        }

        private Object payload(Member member, byte[] payload) {
            if (member.shape() instanceof StructShape struct) {
                Struct value = struct.create();
                documents.read(new ByteArrayInputStream(payload), value);
                return value;
            }
            return member.shape().kind() == Kind.STRING ? new String(payload, StandardCharsets.UTF_8) : payload;
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    private final class Writer implements WireResponse.EventWriter {
        private final StructShape shape;
        private final EventStream stream;
        private @Nullable EventMessage first;
        private boolean failed;

        Writer(StructShape shape, EventStream stream, @Nullable EventMessage first) {
            this.shape = shape;
            this.stream = stream;
            this.first = first;
        }

        @Override
        public boolean writeNext(OutputStream out) throws IOException, InterruptedException {
            EventMessage lead = first;
            if (lead != null) {
                first = null;
                out.write(lead.encode());
                return true;
            }
            EventMessage message = failed ? null : next();
            if (message == null) {
                return false;
            }
            out.write(message.encode());
            return true;
        }

        private @Nullable EventMessage next() throws IOException, InterruptedException {
            try {
                Struct union = stream.next();
                return union == null ? null : encode(union);
            } catch (Fault fault) {
                failed = true;
                return failure(fault);
            }
        }

        private EventMessage encode(Struct union) {
            for (Member event : shape.members()) {
                if (union.get(event.index()) instanceof Struct value) {
                    boolean error = value.shape().error() != null;
                    return encode(value, error ? "exception" : "event", event.name());
                }
            }
            throw new IllegalArgumentException(shape.name() + " has no event set");
        }

        /** A fault in mid-stream: the modelled exception where the stream has it, else a plain error. */
        private EventMessage failure(Fault fault) {
            Struct detail = fault.detail();
            if (detail != null) {
                for (Member event : shape.members()) {
                    if (event.shape() == detail.shape()) {
                        return encode(detail, "exception", event.name());
                    }
                }
            }
            Map<String, Object> headers = new LinkedHashMap<>();
            headers.put(":message-type", "error");
            headers.put(":error-code", fault.code());
            headers.put(":error-message", fault.message());
            return new EventMessage(headers, new byte[0]);
        }

        private EventMessage encode(Struct value, String messageType, String eventType) {
            Map<String, Object> headers = new LinkedHashMap<>();
            headers.put(":message-type", messageType);
            headers.put(messageType.equals("exception") ? ":exception-type" : ":event-type", eventType);
            Member payload = null;
            boolean document = false;
            for (Member member : value.shape().members()) {
                if (member.is(Member.Flag.EVENT_PAYLOAD)) {
                    payload = member;
                } else if (!member.is(Member.Flag.EVENT_HEADER)) {
                    document = true;
                }
            }
            byte[] bytes = new byte[0];
            if (payload != null) {
                bytes = payload(value.get(payload.index()), headers);
            } else if (document) {
                headers.put(":content-type", documents.mediaType());
                bytes = documents.write(value);
            }
            for (Member member : value.shape().members()) {
                Object header = member.is(Member.Flag.EVENT_HEADER) ? value.get(member.index()) : null;
                if (header != null) {
                    headers.put(member.name(), header);
                }
            }
            return new EventMessage(headers, bytes);
        }

        private byte[] payload(@Nullable Object value, Map<String, Object> headers) {
            return switch (value) {
                case Struct struct -> {
                    headers.put(":content-type", documents.mediaType());
                    yield documents.write(struct);
                }
                case String text -> {
                    headers.put(":content-type", "text/plain");
                    yield text.getBytes(StandardCharsets.UTF_8);
                }
                case byte[] blob -> {
                    headers.put(":content-type", "application/octet-stream");
                    yield blob;
                }
                case null, default -> new byte[0];
            };
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
