package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.api.client.logging.LambdaContextLogger;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaError;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClient;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeClientException;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.dto.InvocationRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * AWS's client, which gives up where nobody answers at the Runtime API; this one knocks again for up to 15 minutes: the
 * next server takes the environment over and opens the door again.
 */
final class PatientClient implements LambdaRuntimeApiClient {
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(15);
    private static final long PAUSE_MILLIS = 50;
    /** The client's word for a request that nobody answered, in place of a status. */
    private static final String NOBODY = "-1";

    private final LambdaRuntimeApiClient client;

    PatientClient(LambdaRuntimeApiClient client) {
        this.client = client;
    }

    /** A call that may be made again. */
    private interface Knock<T> {
        T at() throws IOException;
    }

    private static <T> T patiently(Knock<T> knock) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                return knock.at();
            } catch (LambdaRuntimeClientException e) {
                if (!String.valueOf(e.getMessage()).contains(NOBODY) || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the Runtime API was away", e);
            }
        }
    }

    @Override
    public InvocationRequest nextInvocation() throws IOException {
        return patiently(client::nextInvocation);
    }

    @Override
    public InvocationRequest nextInvocationWithExponentialBackoff(LambdaContextLogger logger) throws Exception {
        return client.nextInvocationWithExponentialBackoff(logger);
    }

    @Override
    public void reportInvocationSuccess(String requestId, byte[] response) throws IOException {
        patiently(() -> {
            client.reportInvocationSuccess(requestId, response);
            return Boolean.TRUE;
        });
    }

    @Override
    public void reportInvocationError(String requestId, LambdaError error) throws IOException {
        client.reportInvocationError(requestId, error);
    }

    @Override
    public void reportInitError(LambdaError error) throws IOException {
        client.reportInitError(error);
    }

    @Override
    public void restoreNext() throws IOException {
        client.restoreNext();
    }

    @Override
    public void reportRestoreError(LambdaError error) throws IOException {
        client.reportRestoreError(error);
    }
}
