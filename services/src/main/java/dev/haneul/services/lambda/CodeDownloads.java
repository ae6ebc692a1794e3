package dev.haneul.services.lambda;

import dev.haneul.kernel.checksum.KeyedMac;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Code;
import dev.haneul.services.lambda.code.CodeStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The downloads that GetFunction's {@code Code.Location} leads to: signed addresses that expire after ten minutes, as
 * AWS's do. They do not outlive the server's process.
 */
final class CodeDownloads implements DataPlane {
    /** AWS keeps packages in buckets of its own with such names. */
    private static final String ROOT = "/awslambda-tasks/snapshots/";

    private static final Pattern PATH = Pattern.compile("/awslambda-tasks/snapshots/([0-9a-f]{64})\\.zip");
    private static final Pattern QUERY = Pattern.compile("expires=([0-9]{1,12})&signature=([0-9a-f]{64})");
    private static final Duration VALID = Duration.ofMinutes(10);

    private final Store store;
    private final CodeStore code;
    private final Clock clock;
    private final KeyedMac mac;

    CodeDownloads(Store store, CodeStore code, Clock clock) {
        this.store = store;
        this.code = code;
        this.clock = clock;
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        this.mac = new KeyedMac(secret);
    }

    /** Where a package can be had for the next ten minutes. */
    String location(String endpoint, Code of) {
        long expires = clock.instant().plus(VALID).getEpochSecond();
        return endpoint + ROOT + of.id() + ".zip?expires=" + expires + "&signature=" + sign(of.id(), expires);
    }

    @Override
    public boolean claims(Exchange exchange) {
        return exchange.path().startsWith(ROOT);
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        Matcher path = PATH.matcher(exchange.path());
        Matcher query = QUERY.matcher(exchange.query());
        if (!exchange.method().equals("GET") || !path.matches() || !query.matches()) {
            refuse(exchange, 400);
            return;
        }
        long expires = Long.parseLong(query.group(1));
        String id = path.group(1);
        boolean genuine = MessageDigest.isEqual(
                sign(id, expires).getBytes(StandardCharsets.US_ASCII),
                query.group(2).getBytes(StandardCharsets.US_ASCII));
        if (!genuine || clock.instant().getEpochSecond() > expires) {
            refuse(exchange, 403);
            return;
        }
        Optional<Code> found = find(id);
        if (found.isEmpty()) {
            refuse(exchange, 404);
            return;
        }
        Map<String, List<String>> headers = Map.of("Content-Type", List.of("application/zip"));
        try (InputStream zip = code.zip(found.get().blob());
                OutputStream out =
                        exchange.respond(200, headers, found.get().blob().length())) {
            zip.transferTo(out);
        }
    }

    private Optional<Code> find(String id) {
        Optional<Code> owner = store.read(tx -> {
            var functions = tx.findAnywhere(LambdaTables.FUNCTIONS, LambdaTables.CODE_INDEX, id, null, 1);
            if (!functions.isEmpty()) {
                return Optional.of(functions.getFirst().value().code());
            }
            var versions = tx.findAnywhere(LambdaTables.VERSIONS, LambdaTables.CODE_INDEX, id, null, 1);
            if (!versions.isEmpty()) {
                return Optional.of(versions.getFirst().value().code());
            }
            return tx.findAnywhere(LambdaTables.LAYER_VERSIONS, LambdaTables.CODE_INDEX, id, null, 1).stream()
                    .map(Row::value)
                    .map(LambdaTables.LayerVersion::code)
                    .findFirst();
        });
        return owner.flatMap(code -> Stream.concat(Stream.of(code), code.layers().stream())
                .filter(one -> one.id().equals(id))
                .findFirst());
    }

    private static void refuse(Exchange exchange, int status) throws IOException {
        exchange.answer(status, "text/plain", "This address is not, or no longer, valid.\n");
    }

    private String sign(String id, long expires) {
        return HexFormat.of().formatHex(mac.of(id + "\n" + expires));
    }
}
