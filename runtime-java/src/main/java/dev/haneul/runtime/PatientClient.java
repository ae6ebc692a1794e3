package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.api.client.logging.LambdaContextLogger;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaError;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClient;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeClientException;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.dto.InvocationRequest;
import java.io.IOException;

/**
 * AWS's client, which gives up where nobody answers at the Runtime API; this one knocks again, see {@link Patience}.
 */
final class PatientClient implements LambdaRuntimeApiClient {
    /** The client's word for a request that nobody answered, in place of a status. */
    private static final String NOBODY = "-1";

    private final LambdaRuntimeApiClient client;

    PatientClient(LambdaRuntimeApiClient client) {
        this.client = client;
    }

    private static <T> T patiently(Patience.Knock<T> knock) throws IOException {
        return Patience.until(knock, PatientClient::isNobody);
    }

    private static boolean isNobody(Exception e) {
        return e instanceof LambdaRuntimeClientException
                && String.valueOf(e.getMessage()).contains(NOBODY);
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
