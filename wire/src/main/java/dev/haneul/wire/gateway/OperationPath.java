package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.plane.CrossOrigin;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.ProtocolCodec;
import dev.haneul.wire.protocols.ProtocolCodecs;
import dev.haneul.wire.protocols.QueryString;
import dev.haneul.wire.protocols.WireRequest;
import dev.haneul.wire.protocols.WireResponse;
import dev.haneul.wire.router.Route;
import dev.haneul.wire.router.Router;
import dev.haneul.wire.router.RoutingInput;
import dev.haneul.wire.sigv4.Scope;
import dev.haneul.wire.sigv4.SigV2;
import dev.haneul.wire.sigv4.SigV4;
import dev.haneul.wire.sigv4.SigningInput;
import dev.haneul.wire.validation.InputValidator;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;

/** The way of an operation, on one page: route, authenticate, decode, validate, dispatch, encode. */
final class OperationPath {
    private static final int LEFTOVER_BYTES = 64 << 10;
    private static final Logger LOG = System.getLogger(OperationPath.class.getName());
    private static final int OBJECT_STORE_HEADER_BYTES = 8192;

    /** How much of a refused body is taken from those who have not proved who they are. */
    private static final int STRANGERS_BODY_BYTES = 64 << 10;

    private final Backend backend;
    private final GatewaySettings.Limits limits;
    private final Router router;
    private final Admission admission;
    private final InputValidator validator = new InputValidator();
    private final BufferBudget budget;
    private final Answers answers;
    private final Cors cors;

    OperationPath(Backend backend, GatewaySettings settings, Answers answers) {
        this.backend = backend;
        this.limits = settings.limits();
        this.cors = new Cors(settings.origins());
        this.router = new Router(backend.services(), backend.hosting());
        this.admission = new Admission(
                new SigV4(backend.credentials(), backend.clients()),
                new SigV2(backend.credentials(), backend.clients()));
        this.budget = new BufferBudget(limits.bufferedBytes(), limits.waitMillis());
        this.answers = answers;
    }

    /** An answer and the shape of the service that gives it. */
    private record Answer(WireResponse response, boolean objectStyle) {}

    /**
     * Serves a request to its end.
     *
     * @throws IOException where the client is gone, or the answer breaks off after it was begun
     */
    void serve(HttpExchange exchange) throws IOException, InterruptedException {
        exchange.goAhead(STRANGERS_BODY_BYTES);
        try (Incoming incoming = new Incoming(exchange, budget)) {
            send(exchange, answer(exchange, incoming));
        }
    }

    /** Answers a request that is not served at all. */
    void refuse(HttpExchange exchange, Fault fault) throws IOException, InterruptedException {
        send(exchange, refused(exchange, router.unreadable(exchange.wireHeaders(), fault)));
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException, InterruptedException {
        String server = answer.objectStyle && backend.hosting() != null
                ? backend.hosting().server()
                : null;
        CrossOrigin origins = backend.origins();
        if (!answer.objectStyle) {
            cors.open(exchange);
        } else if (origins != null) {
            origins.headers(exchange).forEach(exchange::responseHeader);
        }
        answers.write(exchange, answer.response, server);
    }

    private Answer answer(HttpExchange exchange, Incoming incoming) throws IOException {
        Route route;
        SigningInput in;
        try {
            QueryString query = QueryString.parse(exchange.query());
            in = new SigningInput(exchange.method(), exchange.path(), query, exchange.wireHeaders());
            RoutingInput asked = new RoutingInput(
                    exchange.method(),
                    exchange.path(),
                    query,
                    exchange.wireHeaders(),
                    exchange.host(),
                    Scope.hint(query, exchange.wireHeaders()),
                    incoming::form);
            String preflight = Cors.asked(exchange);
            if (preflight != null && !router.belongsToObjects(asked, preflight)) {
                return new Answer(cors.preflight(exchange), false);
            }
            CrossOrigin origins = backend.origins();
            String meant = preflight == null ? "GET" : preflight;
            if (origins != null && exchange.method().equals("OPTIONS") && router.belongsToObjects(asked, meant)) {
                Headers headers = new Headers();
                origins.preflight(exchange).forEach(headers::add);
                return new Answer(new WireResponse(200, headers, WireResponse.Bytes.NONE), true);
            }
            route = router.route(asked);
        } catch (Fault fault) {
            return refused(exchange, router.unreadable(exchange.wireHeaders(), fault));
        }
        return switch (route) {
            case Route.Refused refused -> refused(exchange, refused);
            case Route.Found found -> run(exchange, found, in, incoming);
        };
    }

    private Answer refused(HttpExchange exchange, Route.Refused refused) {
        name(exchange, refused.objectStyle());
        ProtocolCodec codec = ProtocolCodecs.of(refused.protocol());
        Fault fault = refused.fault();
        WireResponse response = codec.encodeFault(null, refused.service(), fault, exchange.requestId());
        return new Answer(Throttles.told(fault, response), refused.objectStyle());
    }

    private Answer run(HttpExchange exchange, Route.Found found, SigningInput in, Incoming incoming)
            throws IOException {
        name(exchange, found.objectStyle());
        ProtocolCodec codec = ProtocolCodecs.of(found.protocol());
        WireResponse response;
        int hearOutBytes = STRANGERS_BODY_BYTES;
        try {
            checkHeaderSection(exchange, found);
            Admission.Admitted admitted = admission.admit(found, in, incoming);
            hearOutBytes = FrontHandler.LEFTOVER_BYTES;
            exchange.goAhead(hearOutBytes);
            incoming.coverUnpacked(found.operation());
            Struct input = codec.decode(found.operation(), admitted.request());
            if (!streams(found.operation())) {
                drain(admitted.request());
            }
            validator.check(found.operation(), input);
            Struct output =
                    backend.caller().call(found.operation(), input, call(exchange, found, admitted.principal()));
            response = codec.encode(found.operation(), output, exchange.requestId());
        } catch (Fault fault) {
            incoming.hearOut(hearOutBytes);
            response = codec.encodeFault(found.operation(), found.service(), told(fault, found), exchange.requestId());
            Throttles.told(fault, response);
        } catch (RuntimeException | StackOverflowError bug) {
            LOG.log(Level.ERROR, found.operation() + " failed, request " + exchange.requestId(), bug);
            Fault fault = told(Faults.internal(exchange.requestId()), found);
            response = codec.encodeFault(found.operation(), found.service(), fault, exchange.requestId());
        }
        return new Answer(response, found.objectStyle());
    }

    /** S3 has its own word for what all others call InternalFailure. */
    private static Fault told(Fault fault, Route.Found found) {
        return found.objectStyle() && fault.code().equals("InternalFailure")
                ? Fault.server("InternalError", 500, "We encountered an internal error. Please try again.")
                : fault;
    }

    /** The object store's bound is its own and AWS's; the server's, for all, lies above it. */
    private void checkHeaderSection(HttpExchange exchange, Route.Found found) {
        int maxBytes = found.objectStyle() ? OBJECT_STORE_HEADER_BYTES : limits.headerBytes();
        Headers headers = exchange.wireHeaders();
        long bytes = 0;
        for (int line = 0; line < headers.size(); line++) {
            bytes += headers.nameAt(line).length() + headers.valueAt(line).length() + 4L;
        }
        if (bytes > maxBytes) {
            throw headersTooLarge(maxBytes);
        }
    }

    static Fault headersTooLarge(int maxBytes) {
        return Fault.client(
                        "RequestHeaderSectionTooLarge",
                        400,
                        "Your request header section exceeds the maximum allowed size.")
                .with("MaxSizeAllowed", Integer.toString(maxBytes));
    }

    /** S3's ids look unlike the others'. */
    private static void name(HttpExchange exchange, boolean objectStyle) {
        if (objectStyle) {
            exchange.requestId(HttpExchange.IDS.s3RequestId());
        }
    }

    /** Reads what the codec had no use for, so that the body's hash and length are checked all the same. */
    private static void drain(WireRequest request) throws IOException {
        if (!Leftover.read(request.body().stream(), LEFTOVER_BYTES)) {
            throw Fault.client("RequestEntityTooLargeException", 413, "The operation takes no such body.");
        }
    }

    private Call call(HttpExchange exchange, Route.Found found, Principal principal) {
        String agent = exchange.header("user-agent");
        Call.Origin origin = new Call.Origin(
                exchange.remoteAddress(),
                agent == null ? "" : agent,
                exchange.secure(),
                exchange.endpoint(),
                joined(exchange.wireHeaders()));
        return new Call(
                principal,
                principal.account(),
                found.region(),
                exchange.requestId(),
                backend.clock().instant().plusMillis(limits.deadlineMillis()),
                origin);
    }

    private static Map<String, String> joined(Headers headers) {
        Map<String, String> found = new HashMap<>();
        for (int line = 0; line < headers.size(); line++) {
            found.merge(headers.lowerNameAt(line), headers.valueAt(line), (a, b) -> a + "," + b);
        }
        return found;
    }

    private static boolean streams(OperationShape operation) {
        for (Member member : operation.inputShape().members()) {
            Kind kind = member.shape().kind();
            if (kind == Kind.STREAM || kind == Kind.EVENT_STREAM) {
                return true;
            }
        }
        return false;
    }
}
