package dev.haneul.wire.protocols.smithy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.OperationIndex;
import dev.haneul.wire.protocols.ProtocolCodec;
import dev.haneul.wire.protocols.ProtocolCodecs;
import dev.haneul.wire.protocols.QueryString;
import dev.haneul.wire.protocols.WireRequest;
import dev.haneul.wire.protocols.WireResponse;
import dev.haneul.wire.validation.InputValidator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.smithy.protocoltests.traits.HttpMalformedRequestDefinition;
import software.amazon.smithy.protocoltests.traits.HttpMalformedRequestTestCase;
import software.amazon.smithy.protocoltests.traits.HttpMalformedResponseDefinition;
import software.amazon.smithy.protocoltests.traits.HttpMessageTestCase;
import software.amazon.smithy.protocoltests.traits.HttpRequestTestCase;
import software.amazon.smithy.protocoltests.traits.HttpResponseTestCase;

/** Runs the cases of one service in one protocol. */
final class Runner {
    /** The id in the error bodies of Smithy's cases. */
    private static final String REQUEST_ID = "foo-id";

    /** Elements of Smithy's error bodies that stand for what clients must bear and no model has. */
    private static final Set<String> STRANGERS = Set.of("AnotherSetting", "RequestId", "RequestID", "HostId");

    private static final Pattern XML_MESSAGE = Pattern.compile("<Message>([^<]*)</Message>");

    private final Protocol protocol;
    private final ProtocolCodec codec;
    private final ServiceShape service;
    private final OperationIndex index;
    private final InputValidator validator = new InputValidator();

    Runner(Protocol protocol, ServiceShape service) {
        this.protocol = protocol;
        this.codec = ProtocolCodecs.of(protocol);
        this.service = service;
        this.index = new OperationIndex(service);
    }

    void request(OperationShape operation, HttpRequestTestCase test) {
        String path = test.getUri();
        // S3's virtual hosts: the router puts the bucket in front.
        String bucket = test.getResolvedHost().map(h -> h.split("\\.")[0]).orElse("");
        if (!bucket.equals("s3")
                && !bucket.isEmpty()
                && test.getHost().orElse("").startsWith("s3.")) {
            path = "/" + bucket + (path.equals("/") ? "" : path);
        }
        Map<String, String> headers = new LinkedHashMap<>(test.getHeaders());
        if (!test.getBody().orElse("").isEmpty()
                && test.getBodyMediaType().isPresent()
                && headers.keySet().stream().noneMatch("Content-Type"::equalsIgnoreCase)) {
            headers.put("Content-Type", test.getBodyMediaType().get());
        }
        WireRequest request = wire(
                test.getMethod(),
                path,
                test.getQueryParams(),
                headers,
                bytes(test.getBody().orElse("")));
        if (tellsOperation(request)) {
            assertThat(route(request)).as("routed operation").isEqualTo(operation);
        }
        Struct decoded = codec.decode(operation, request);
        for (Member member : decoded.shape().members()) {
            if (member.is(Member.Flag.IDEMPOTENCY_TOKEN) && !test.getParams().containsMember(member.name())) {
                decoded.set(member.index(), null);
            }
        }
        Struct expected = Values.struct(operation.inputShape(), test.getParams());
        for (Member member : decoded.shape().members()) {
            // restXml's cases about named parameters leave out the map that gets them too.
            if (member.location() == Location.QUERY_PARAMS && !expected.has(member.index())) {
                decoded.set(member.index(), null);
            }
        }
        assertThat(Values.tree(decoded)).isEqualTo(Values.tree(expected));
    }

    /** Some awsJson cases leave the target out and some Query cases the body: they test something else. */
    private boolean tellsOperation(WireRequest request) {
        return switch (protocol) {
            case AWS_JSON_1_0, AWS_JSON_1_1 -> request.headers().has("X-Amz-Target");
            case AWS_QUERY, EC2_QUERY -> request.body().length() > 0;
            default -> true;
        };
    }

    private OperationShape route(WireRequest request) {
        return switch (protocol) {
            case REST_XML, REST_JSON_1 ->
                index.rest(request.method(), request.path(), request.query(), request.headers());
            case AWS_JSON_1_0, AWS_JSON_1_1 -> {
                String target = request.headers().first("X-Amz-Target");
                yield target == null ? null : index.target(target);
            }
            case AWS_QUERY, EC2_QUERY -> {
                String form = new String(content(request.body()), StandardCharsets.UTF_8);
                yield index.action(QueryString.parse(form).first("Action"));
            }
            case RPC_V2_CBOR -> index.rpc(request.path());
        };
    }

    private static byte[] content(Body body) {
        try {
            body.stream().mark(Integer.MAX_VALUE);
            byte[] bytes = body.stream().readAllBytes();
            body.stream().reset();
            return bytes;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    void response(OperationShape operation, StructShape error, HttpResponseTestCase test) throws IOException {
        WireResponse response;
        Set<String> ignored;
        String requestId = test.getHeaders().getOrDefault("X-Amzn-Requestid", REQUEST_ID);
        if (error == null) {
            response = codec.encode(operation, Values.struct(operation.outputShape(), test.getParams()), requestId);
            ignored = Set.of("ResponseMetadata", "requestId", "requestid", "RequestId");
        } else {
            Fault fault = Fault.of(Values.struct(error, test.getParams()), message(error, test));
            response = codec.encodeFault(operation, service, fault, requestId);
            ignored = STRANGERS;
        }
        assertThat(response.status()).as("status").isEqualTo(test.getCode());
        headers(test, response);
        if (test.getBody().isPresent()) {
            body(test.getBody().get(), test.getBodyMediaType().orElse(""), response, ignored);
        }
    }

    private static String message(StructShape error, HttpResponseTestCase test) {
        for (Member member : error.members()) {
            if (member.name().equalsIgnoreCase("message")) {
                return test.getParams().getStringMemberOrDefault(member.name(), "");
            }
        }
        Matcher message = XML_MESSAGE.matcher(test.getBody().orElse(""));
        return message.find() ? message.group(1) : "";
    }

    private static void headers(HttpMessageTestCase test, WireResponse response) {
        Headers headers = response.headers();
        if (response.payload() instanceof WireResponse.Bytes bytes && !headers.has("Content-Length")) {
            // As the gateway does.
            headers.add("Content-Length", Integer.toString(bytes.content().length));
        }
        test.getHeaders().forEach((name, value) -> {
            String joined = String.join(", ", headers.all(name));
            assertThat(joined).as(name).isEqualTo(value);
        });
        for (String name : test.getForbidHeaders()) {
            assertThat(headers.has(name)).as("has forbidden " + name).isFalse();
        }
        for (String name : test.getRequireHeaders()) {
            assertThat(headers.has(name)).as("has required " + name).isTrue();
        }
    }

    private void body(String expected, String mediaType, WireResponse response, Set<String> ignored)
            throws IOException {
        byte[] actual = switch (response.payload()) {
            case WireResponse.Bytes bytes -> bytes.content();
            case WireResponse.Streamed streamed -> streamed.body().stream().readAllBytes();
            case WireResponse.Events events -> throw new AssertionError("an event stream: " + events);
        };
        String text = new String(actual, StandardCharsets.UTF_8);
        if (response.status() >= 400) {
            // AWS tells errors in the service's namespace and shapes by their full names; clients have to bear it.
            text = text.replaceFirst("<ErrorResponse xmlns=\"[^\"]*\"", "<ErrorResponse");
            text = text.replaceFirst("\"__type\":\"[^\"]*#", "\"__type\":\"");
        }
        if (expected.isBlank() || text.isBlank()) {
            assertThat(text.strip()).isEqualTo(expected.strip());
        } else if (mediaType.endsWith("json")) {
            String wanted = expected.replaceFirst("\"__type\": \"[^\"]*#", "\"__type\": \"");
            assertThat(Bodies.json(text)).isEqualTo(Bodies.json(wanted));
        } else if (mediaType.endsWith("xml") || expected.strip().startsWith("<?xml")) {
            assertThat(Bodies.xml(text, ignored)).isEqualTo(Bodies.xml(expected, ignored));
        } else if (mediaType.endsWith("cbor")) {
            assertThat(Bodies.cbor(actual))
                    .isEqualTo(Bodies.cbor(Base64.getDecoder().decode(expected)));
        } else {
            assertThat(text).isEqualTo(expected);
        }
    }

    void malformed(OperationShape operation, HttpMalformedRequestTestCase test) throws IOException {
        HttpMalformedRequestDefinition request = test.getRequest();
        String uri = request.getUri().orElse("/");
        WireRequest wire = wire(
                request.getMethod(),
                uri,
                request.getQueryParams(),
                request.getHeaders(),
                bytes(request.getBody().orElse("")));
        HttpMalformedResponseDefinition expected = test.getResponse();
        try {
            Struct input = codec.decode(operation, wire);
            validator.check(operation, input);
        } catch (Fault fault) {
            WireResponse response = codec.encodeFault(operation, service, fault, REQUEST_ID);
            assertThat(response.status()).as("status").isEqualTo(expected.getCode());
            for (Map.Entry<String, String> header : expected.getHeaders().entrySet()) {
                assertThat(response.headers().first(header.getKey())).isEqualTo(header.getValue());
            }
            if (expected.getBody().isPresent()) {
                String text = new String(((WireResponse.Bytes) response.payload()).content(), StandardCharsets.UTF_8);
                expected.getBody()
                        .get()
                        .getContents()
                        .ifPresent(wanted ->
                                assertThat(Bodies.json(text)).isEqualTo(Bodies.json(wanted.replace("$$", "$"))));
                expected.getBody()
                        .get()
                        .getMessageRegex()
                        .ifPresent(wanted -> assertThat(text).containsPattern(wanted));
            }
            return;
        }
        fail("it was accepted");
    }

    private static WireRequest wire(
            String method, String path, List<String> query, Map<String, String> headers, byte[] body) {
        Headers all = new Headers();
        headers.forEach(all::add);
        int question = path.indexOf('?');
        String raw = String.join("&", query);
        if (question >= 0) {
            raw = path.substring(question + 1) + (raw.isEmpty() ? "" : "&" + raw);
        }
        return new WireRequest(
                method, question < 0 ? path : path.substring(0, question), QueryString.parse(raw), all, Body.of(body));
    }

    /** Smithy writes binary bodies in base64. */
    private byte[] bytes(String body) {
        return protocol == Protocol.RPC_V2_CBOR
                ? Base64.getDecoder().decode(body)
                : body.getBytes(StandardCharsets.UTF_8);
    }
}
