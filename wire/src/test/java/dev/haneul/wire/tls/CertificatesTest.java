package dev.haneul.wire.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificatesTest {
    private static final List<String> NAMES = List.of("localhost", "*.s3.localhost", "127.0.0.1", "::1");
    private final Instant start = Instant.now();

    @TempDir
    private Path folder;

    private Certificates at(Instant moment, List<String> names) {
        return new Certificates(folder, names, () -> moment);
    }

    private X509Certificate server() throws Exception {
        return Pem.readCertificates(folder.resolve("server.pem")).getFirst();
    }

    @Test
    void serverCertificateIsSignedByTheAuthorityForEveryName() throws Exception {
        at(start, NAMES).prepare();
        X509Certificate authority =
                Pem.readCertificates(folder.resolve("ca.pem")).getFirst();
        server().verify(authority.getPublicKey());
        authority.verify(authority.getPublicKey());
        assertThat(authority.getBasicConstraints()).isZero();
        assertThat(server().getBasicConstraints()).isEqualTo(-1);
        assertThat(server().getSubjectAlternativeNames().stream()
                        .map(name -> name.get(1).toString()))
                .containsExactlyInAnyOrder("localhost", "*.s3.localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
    }

    @Test
    void keysAreTheirOwnersAlone() throws IOException {
        at(start, NAMES).prepare();
        for (String key : List.of("ca-key.pem", "server-key.pem")) {
            assertThat(Files.getPosixFilePermissions(folder.resolve(key)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void whatIsThereIsKept() throws IOException {
        at(start, NAMES).prepare();
        String authority = Files.readString(folder.resolve("ca.pem"));
        String server = Files.readString(folder.resolve("server.pem"));
        at(start.plus(Duration.ofDays(300)), NAMES).prepare();
        assertThat(folder.resolve("ca.pem")).hasContent(authority);
        assertThat(folder.resolve("server.pem")).hasContent(server);
    }

    @Test
    void serverCertificateIsRenewedBeforeItEndsUnderTheSameAuthority() throws Exception {
        at(start, NAMES).prepare();
        String authority = Files.readString(folder.resolve("ca.pem"));
        Instant later = start.plus(Duration.ofDays(380));
        at(later, NAMES).prepare();
        assertThat(folder.resolve("ca.pem")).hasContent(authority);
        assertThat(server().getNotAfter().toInstant()).isAfter(later.plus(Duration.ofDays(300)));
    }

    @Test
    void newNameOrNewAuthorityOrSpoiltFileGivesANewCertificate() throws Exception {
        at(start, NAMES).prepare();
        String first = Files.readString(folder.resolve("server.pem"));
        at(start, List.of("localhost", "more.localhost")).prepare();
        String second = Files.readString(folder.resolve("server.pem"));
        assertThat(second).isNotEqualTo(first);
        Files.delete(folder.resolve("ca.pem"));
        at(start, List.of("localhost")).prepare();
        String third = Files.readString(folder.resolve("server.pem"));
        assertThat(third).isNotEqualTo(second);
        Files.writeString(folder.resolve("server-key.pem"), "spoilt");
        at(start, List.of("localhost")).prepare();
        assertThat(server().getNotAfter().toInstant()).isAfter(start);
        assertThat(Files.readString(folder.resolve("server.pem"))).isNotEqualTo(third);
    }
}
