package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.wire.gateway.Fixture.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GatewayTest {
    private Fixture fixture;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        fixture = new Fixture(folder);
    }

    @AfterAll
    void close() throws Exception {
        fixture.close();
    }

    @Test
    void signedPutAndGetRoundTrip() throws Exception {
        Answer put = fixture.send(new Signed.Draft("PUT", "http://bucket.s3.localhost:4566/a%20key/%2B!%27()%2A%C3%A9")
                .body("hello").with(r -> r.putProperty(software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, true)).sign());
        System.out.println(put.head() + "\n" + put.body());
        Answer get = fixture.send(new Signed.Draft("GET", "http://localhost:4566/bucket/a%20key/%2B!%27()%2A%C3%A9").sign());
        System.out.println(get.head() + "\n" + get.body());
        Answer who = fixture.send(new Signed.Draft("POST", "http://localhost:4566/").to("sts", "ap-northeast-2").header("Content-Type","application/x-www-form-urlencoded; charset=utf-8").body("Action=GetCallerIdentity&Version=2011-06-15").sign());
        System.out.println(who.head() + "\n" + who.body());
        Answer logs = fixture.send(new Signed.Draft("POST", "http://localhost:4566/").to("logs", "ap-northeast-2").header("Content-Type","application/x-amz-json-1.1").header("X-Amz-Target","Logs_20140328.DescribeLogGroups").body("{}").sign());
        System.out.println(logs.head() + "\n" + logs.body());
        System.out.println(fixture.raw("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"));
        System.out.println(fixture.raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").body());
        System.out.println(fixture.raw("GET /b/k HTTP/1.1\r\nHost: a\r\nx-amz-meta-a: " + "a".repeat(70000)+"\r\nConnection: close\r\n\r\n").body());
        assertThat(put.status()).isEqualTo(200);
        assertThat(get.body()).isEqualTo("hello");
    }
}
