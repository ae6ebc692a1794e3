package dev.haneul.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageUriTest {
    private static final String DIGEST = "sha256:" + "0a".repeat(32);

    @Test
    void namesInEveryForm() {
        assertThat(ImageUri.parse("111122223333.dkr.ecr.us-east-1.amazonaws.com/web"))
                .contains(new ImageUri("111122223333", "us-east-1", "web", "latest", ""));
        assertThat(ImageUri.parse("111122223333.dkr.ecr.eu-west-1.localhost:4566/team/web_x:v1.2"))
                .contains(new ImageUri("111122223333", "eu-west-1", "team/web_x", "v1.2", ""));
        assertThat(ImageUri.parse("127.0.0.1:4566/111122223333.dkr.ecr.us-east-1/team/web@" + DIGEST))
                .contains(new ImageUri("111122223333", "us-east-1", "team/web", "", DIGEST));
        ImageUri both = ImageUri.parse("111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v1@" + DIGEST)
                .orElseThrow();
        assertThat(both.tag()).isEqualTo("v1");
        assertThat(both.reference()).isEqualTo(DIGEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nginx",
                "docker.io/library/nginx:1",
                "111122223333.dkr.ecr.us-east-1.amazonaws.com",
                "111122223333.dkr.ecr.us-east-1.amazonaws.com/",
                "111122223333.dkr.ecr.us-east-1.amazonaws.com/Web",
                "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:",
                "111122223333.dkr.ecr.us-east-1.amazonaws.com/web@sha256:12",
                "11112222333.dkr.ecr.us-east-1.amazonaws.com/web",
                "111122223333.dkr.ecr.us-east-1.amazonaws.com.evil.example/web"
            })
    void whatIsNoneOfOurs(String uri) {
        assertThat(ImageUri.parse(uri)).isEmpty();
    }
}
