package dev.haneul.api.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.S3Model;
import dev.haneul.api.sts.GetCallerIdentityRequest;
import dev.haneul.api.sts.GetCallerIdentityResponse;
import dev.haneul.api.sts.StsApi;
import dev.haneul.api.sts.StsModel;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CoverageDocumentTest {
    /** Public as a real service is; overrides one operation and adds a method that is none. */
    public static class OneOperation implements StsApi {
        @Override
        public GetCallerIdentityResponse getCallerIdentity(GetCallerIdentityRequest in, Call call) {
            return new GetCallerIdentityResponse();
        }

        public String assumeRole() {
            return "";
        }
    }

    @Test
    void anOverriddenDefaultIsImplemented() {
        assertThat(Implemented.by(new OneOperation())).containsExactly("GetCallerIdentity");
        assertThat(Implemented.by(new StsApi() {})).isEmpty();
    }

    @Test
    void theDocumentTicksWhatIsBuiltAndCounts() {
        String document = CoverageDocument.of(
                Map.of(StsModel.SHAPE, Set.of("GetCallerIdentity"), S3Model.SHAPE, Set.of("GetObject", "PutObject")));
        assertThat(document)
                .startsWith("# Coverage\n")
                .contains(
                        "| [S3](#s3-s3) | 2 | 111 | 1 % |\n| [STS](#sts-sts) | 1 | 11 | 9 % |\n| **All** | 3 | 122 | 2 % |\n")
                .contains("\n## s3: S3\n\n- [ ] AbortMultipartUpload\n")
                .contains("- [x] PutObject\n")
                .contains("\n## sts: STS\n")
                .endsWith("- [x] GetCallerIdentity\n- [ ] GetDelegatedAccessToken\n- [ ] GetFederationToken\n"
                        + "- [ ] GetSessionToken\n- [ ] GetWebIdentityToken\n");
    }

    @Test
    void aNameThatIsNoOperationIsRefused() {
        assertThatThrownBy(() -> CoverageDocument.of(Map.of(StsModel.SHAPE, Set.of("GetCoffee"))))
                .hasMessage("sts has no operation GetCoffee");
    }
}
