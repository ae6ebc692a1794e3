package dev.haneul.kernel.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.sts.GetAccessKeyInfoRequest;
import dev.haneul.api.sts.GetAccessKeyInfoResponse;
import dev.haneul.api.sts.GetCallerIdentityRequest;
import dev.haneul.api.sts.GetCallerIdentityResponse;
import dev.haneul.api.sts.StsApi;
import dev.haneul.api.sts.StsClient;
import dev.haneul.kernel.store.StoreFullException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DispatcherTest {
    private static final Call CALL = new Call(
            Principal.root("111111111111", "AKIA"),
            "111111111111",
            "us-east-1",
            "request-1",
            Instant.EPOCH,
            Call.Origin.inside("test"));

    private final List<String> trail = new ArrayList<>();
    private boolean refusing;
    private RuntimeException failure = Fault.client("Told", 418, "as told");
    private final Dispatcher dispatcher = new Dispatcher(
            (operation, input, call) -> {
                if (refusing) {
                    throw Faults.accessDenied("no");
                }
            },
            (operation, input, output, call, fault) ->
                    trail.add(operation + " " + (fault == null ? "ok" : fault.code() + " " + fault.status())));

    /** Answers one operation and fails another as the test says. */
    private final class Sts implements StsApi {
        @Override
        public GetCallerIdentityResponse getCallerIdentity(GetCallerIdentityRequest in, Call call) {
            return new GetCallerIdentityResponse().account(call.account());
        }

        @Override
        public GetAccessKeyInfoResponse getAccessKeyInfo(GetAccessKeyInfoRequest in, Call call) {
            throw failure;
        }
    }

    private StsClient client() {
        dispatcher.add(new Sts());
        return new StsClient(dispatcher);
    }

    @Test
    void aCallReachesItsServiceAndLeavesATrace() {
        assertThat(client().getCallerIdentity(new GetCallerIdentityRequest(), CALL)
                        .account())
                .isEqualTo("111111111111");
        assertThat(trail).containsExactly("sts:GetCallerIdentity ok");
    }

    @Test
    void aRefusedCallDoesNotReachItsServiceAndLeavesATrace() {
        StsClient client = client();
        refusing = true;
        assertThatThrownBy(() -> client.getCallerIdentity(new GetCallerIdentityRequest(), CALL))
                .isInstanceOf(Fault.class);
        assertThat(trail).containsExactly("sts:GetCallerIdentity AccessDeniedException 403");
    }

    @Test
    void faultsComeThroughUnchangedAndBugsAsInternalFailure() {
        StsClient client = client();
        assertThatThrownBy(() -> client.getAccessKeyInfo(new GetAccessKeyInfoRequest(), CALL))
                .isSameAs(failure);
        failure = new IllegalStateException("expected by a test");
        assertThatThrownBy(() -> client.getAccessKeyInfo(new GetAccessKeyInfoRequest(), CALL))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InternalFailure"))
                .hasMessageContaining("request-1")
                .hasMessageNotContaining("expected by a test");
        failure = new StoreFullException("full", new IOException("expected by a test"));
        assertThatThrownBy(() -> client.getAccessKeyInfo(new GetAccessKeyInfoRequest(), CALL))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.status()).isEqualTo(503));
        assertThat(trail)
                .containsExactly(
                        "sts:GetAccessKeyInfo Told 418",
                        "sts:GetAccessKeyInfo InternalFailure 500",
                        "sts:GetAccessKeyInfo ServiceUnavailable 503");
    }

    @Test
    void aServiceThatIsNotThereIsNotImplementedAndNoneIsThereTwice() {
        assertThatThrownBy(() -> new S3Client(dispatcher).listBuckets(new dev.haneul.api.s3.ListBucketsRequest(), CALL))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.status()).isEqualTo(501));
        refusing = true;
        assertThatThrownBy(() -> new S3Client(dispatcher).listBuckets(new dev.haneul.api.s3.ListBucketsRequest(), CALL))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.status()).isEqualTo(403));
        assertThat(trail)
                .containsExactly("s3:ListBuckets NotImplemented 501", "s3:ListBuckets AccessDeniedException 403");
        dispatcher.add(new Sts());
        assertThatThrownBy(() -> dispatcher.add(new Sts())).isInstanceOf(IllegalStateException.class);
        assertThat(dispatcher.services()).hasSize(1);
    }
}
