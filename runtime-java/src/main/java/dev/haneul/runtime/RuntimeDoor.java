package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.api.client.logging.LambdaContextLogger;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaError;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClient;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClientImpl;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeClientException;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.dto.InvocationRequest;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Runtime API's two calls that every invocation makes, over one connection that stays open. AWS's client makes them
 * with a native library, whose loading costs a start as much as all of this. What is rare is left to that client.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html">Using the Lambda runtime API</a>
 */
final class RuntimeDoor implements LambdaRuntimeApiClient {
    private static final String ROOT = "/2018-06-01/runtime/invocation/";
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final int BUFFER_BYTES = 16 << 10;
    /** Our own server's headers are a few hundred bytes. */
    private static final int MOST_HEADER_BYTES = 1 << 20;

    private final String address;
    private @Nullable Line open;
    private @Nullable LambdaRuntimeApiClient whole;

    /** @param address host and port, as {@code AWS_LAMBDA_RUNTIME_API} has them */
    RuntimeDoor(String address) {
        this.address = address;
    }

    /**
     * Makes the connection on a thread of its own, for Java has much to load for its first one, and a second processor
     * is often idle. Where it fails, the first call tries again. The door is not to be used before the thread has ended.
     */
    Thread connectMeanwhile() {
        Thread thread = new Thread("haneul-door") {
            @Override
            public void run() {
                try {
                    connect();
                } catch (IOException e) {
                    hangUp();
                }
            }
        };
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** A connection. */
    private static final class Line {
        final Socket socket;
        final InputStream in;
        final OutputStream out;

        Line(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
            this.out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
        }
    }

    /** What came back; the body of what was not asked for is empty. */
    private static final class Answer {
        final int status;
        final Map<String, String> headers;
        final byte[] body;

        Answer(int status, Map<String, String> headers, byte[] body) {
            this.status = status;
            this.headers = headers;
            this.body = body;
        }
    }

    @Override
    public InvocationRequest nextInvocation() throws IOException {
        Answer answer = Patience.until(() -> ask("GET " + ROOT + "next", null), IOException.class::isInstance);
        if (answer.status != OK) {
            throw new LambdaRuntimeClientException(ROOT + "next", answer.status);
        }
        InvocationRequest request = new InvocationRequest();
        request.setId(answer.headers.get("lambda-runtime-aws-request-id"));
        request.setXrayTraceId(answer.headers.get("lambda-runtime-trace-id"));
        request.setInvokedFunctionArn(answer.headers.get("lambda-runtime-invoked-function-arn"));
        String deadline = answer.headers.get("lambda-runtime-deadline-ms");
        request.setDeadlineTimeInMs(deadline == null ? 0 : Long.parseLong(deadline));
        request.setClientContext(answer.headers.get("lambda-runtime-client-context"));
        request.setCognitoIdentity(answer.headers.get("lambda-runtime-cognito-identity"));
        request.setTenantId(answer.headers.get("lambda-runtime-aws-tenant-id"));
        request.setContent(answer.body);
        return request;
    }

    @Override
    public InvocationRequest nextInvocationWithExponentialBackoff(LambdaContextLogger logger) throws IOException {
        return nextInvocation();
    }

    @Override
    public void reportInvocationSuccess(String requestId, byte[] response) throws IOException {
        String path = ROOT + requestId + "/response";
        Answer answer = Patience.until(() -> ask("POST " + path, response), IOException.class::isInstance);
        if (answer.status != ACCEPTED) {
            throw new LambdaRuntimeClientException(path, answer.status);
        }
    }

    @Override
    public void reportInvocationError(String requestId, LambdaError error) throws IOException {
        whole().reportInvocationError(requestId, error);
    }

    @Override
    public void reportInitError(LambdaError error) throws IOException {
        whole().reportInitError(error);
    }

    @Override
    public void restoreNext() throws IOException {
        whole().restoreNext();
    }

    @Override
    public void reportRestoreError(LambdaError error) throws IOException {
        whole().reportRestoreError(error);
    }

    /** One for good: its native part is made ready by each anew. */
    private LambdaRuntimeApiClient whole() {
        LambdaRuntimeApiClient known = whole;
        if (known == null) {
            known = new PatientClient(new LambdaRuntimeApiClientImpl(address));
            whole = known;
        }
        return known;
    }

    /** A call and its answer; a connection on which something went wrong is not used again. */
    private Answer ask(String what, byte @Nullable [] body) throws IOException {
        try {
            Line line = connect();
            String head = what + " HTTP/1.1\r\nHost: " + address + "\r\n";
            if (body != null) {
                head += "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n";
            }
            line.out.write((head + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            if (body != null) {
                line.out.write(body);
            }
            line.out.flush();
            return read(line.in);
        } catch (IOException e) {
            hangUp();
            throw e;
        }
    }

    private Line connect() throws IOException {
        Line line = open;
        if (line == null) {
            int colon = address.lastIndexOf(':');
            Socket socket = new Socket(Proxy.NO_PROXY); // looking for one reads Java's settings of proxies
            try {
                socket.connect(new InetSocketAddress(
                        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
                socket.setTcpNoDelay(true);
                line = new Line(socket);
                open = line;
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        }
        return line;
    }

    private static Answer read(InputStream from) throws IOException {
        String line = line(from); // HTTP/1.1 200 OK
        int status = Integer.parseInt(line.substring(line.indexOf(' ') + 1).substring(0, 3));
        Map<String, String> headers = new HashMap<>();
        for (line = line(from); !line.isEmpty(); line = line(from)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] body = from.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the Runtime API went away");
        }
        return new Answer(status, headers, body);
    }

    private static String line(InputStream from) throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int next = from.read(); next != '\n'; next = from.read()) {
            if (next < 0 || line.length() > MOST_HEADER_BYTES) {
                throw new EOFException("the Runtime API went away");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    void hangUp() {
        Line line = open;
        open = null;
        if (line != null) {
            try {
                line.socket.close();
            } catch (IOException e) {
                return; // it was broken already
            }
        }
    }
}
