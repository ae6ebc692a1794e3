package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.wire.tls.LazyTls;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** Machine code, which there is for the machine that tests run on. */
class MachineTlsTest extends TlsContract {
    MachineTlsTest() {
        super(LazyTls.Engine.BEST);
    }

    /** The JDK would have taken its own first one: so this shows as well who encrypts. */
    @Test
    void theClientHasItsChoiceOfTheNewestVersionsCiphers() throws Exception {
        try (SSLSocket socket = socket("TLSv1.3")) {
            socket.startHandshake();
            assertThat(socket.getSession().getCipherSuite()).isEqualTo("TLS_AES_256_GCM_SHA384");
        }
    }
}
