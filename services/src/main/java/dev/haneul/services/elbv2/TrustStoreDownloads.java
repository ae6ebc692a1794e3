package dev.haneul.services.elbv2;

import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.elbv2.ElbTables.StoreRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What trust stores hold, to be read at addresses that say whose they are and are good for ten minutes, as AWS's
 * presigned ones are. They are sealed, so that only who was given one has one.
 *
 * @see <a href=
 *     "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_GetTrustStoreCaCertificatesBundle.html">GetTrustStoreCaCertificatesBundle</a>
 */
final class TrustStoreDownloads implements DataPlane {
    private static final String ROOT = "/elb-trust-stores/";
    private static final String CONTEXT = "download";
    private static final Duration VALID = Duration.ofMinutes(10);
    /** In place of a revocation list's id: the certificates themselves. */
    private static final long BUNDLE = 0;

    private final Store store;
    private final Tokens tokens;
    private final Clock clock;

    TrustStoreDownloads(Store store, Tokens tokens, Clock clock) {
        this.store = store;
        this.tokens = tokens;
        this.clock = clock;
    }

    /** Where a store's certificates can be had. */
    String bundle(String endpoint, Scope scope, StoreRow row) {
        return address(endpoint, scope, row, BUNDLE);
    }

    /** Where one of a store's revocation lists can be had. */
    String revocations(String endpoint, Scope scope, StoreRow row, long id) {
        return address(endpoint, scope, row, id);
    }

    private String address(String endpoint, Scope scope, StoreRow row, long what) {
        long expires = clock.instant().plus(VALID).getEpochSecond();
        return endpoint
                + ROOT
                + tokens.seal(
                        CONTEXT,
                        String.join(
                                " ",
                                Long.toString(expires),
                                scope.account(),
                                scope.region(),
                                row.id(),
                                Long.toString(what)));
    }

    @Override
    public boolean claims(Exchange exchange) {
        return exchange.path().startsWith(ROOT);
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        if (!exchange.method().equals("GET")) {
            exchange.answer(405, "text/plain", "This address can only be read.\n");
            return;
        }
        String[] told = tokens.open(CONTEXT, exchange.path().substring(ROOT.length()))
                .map(each -> each.split(" ", -1))
                .orElse(null);
        if (told == null || clock.instant().getEpochSecond() > Long.parseLong(told[0])) {
            exchange.answer(403, "text/plain", "This address is not, or no longer, valid.\n");
            return;
        }
        Optional<byte[]> content = store.read(tx -> tx.get(ElbTables.STORES, new Scope(told[1], told[2]).key(told[3])))
                .map(Row::value)
                .flatMap(row -> content(row, Long.parseLong(told[4])));
        if (content.isEmpty()) {
            exchange.answer(404, "text/plain", "It has been deleted.\n");
            return;
        }
        exchange.answer(200, Map.of("Content-Type", List.of("binary/octet-stream")), content.get());
    }

    private static Optional<byte[]> content(StoreRow row, long what) {
        if (what == BUNDLE) {
            return Optional.of(row.bundle().getBytes(StandardCharsets.UTF_8));
        }
        return row.revocations().stream()
                .filter(each -> each.id() == what)
                .findFirst()
                .map(each -> Base64.getDecoder().decode(each.content()));
    }
}
