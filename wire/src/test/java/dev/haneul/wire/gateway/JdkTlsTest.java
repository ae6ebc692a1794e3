package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.wire.tls.LazyTls;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** Where there is no library for the machine. */
class JdkTlsTest extends TlsContract {
    JdkTlsTest() {
        super(LazyTls.Engine.JDK);
    }

    /** And not the one that the client, the JDK's too, would have. */
    @Test
    void theCipherOfTheNewestVersionIsTheOneThatAwsPrefersToo() throws Exception {
        try (SSLSocket socket = socket("TLSv1.3")) {
            socket.startHandshake();
            assertThat(socket.getSession().getCipherSuite()).isEqualTo("TLS_AES_128_GCM_SHA256");
        }
    }
}
