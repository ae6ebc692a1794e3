package dev.haneul.server;

import dev.haneul.engines.Engine;
import java.util.stream.Collectors;

/** What a user reads when the region is up. */
final class Welcome {
    /** Said loudly wherever the region is told of, for what passes here may well be refused by AWS. */
    static final String UNENFORCED = """
            *** PERMISSIONS ARE OFF (--iam off): every signed call is allowed, whatever policies say. ***
            """;

    private Welcome() {}

    static String text(Region region) {
        RunningFile running = region.running();
        return """
                Haneul is up at %s (TLS on the same port; its CA: %s)
                Functions run in the %s engine: %s
                %s
                %s%s
                Try next:
                  ./haneul demo image-pipeline
                  aws s3 mb s3://my-first-bucket
                  ./haneul status
                """.formatted(
                        running.endpoint(),
                        region.caCertificate(),
                        region.engine().name(),
                        region.engine().probe().reason(),
                        weaknesses(region.engine()),
                        region.enforced() ? "" : UNENFORCED + "\n",
                        exports(running.endpoint(), running.accessKeyId(), running.secretKey()));
    }

    /** What plain processes cannot stop, said where it is seen; other engines' are told by {@code haneul status}. */
    private static String weaknesses(Engine engine) {
        return engine.name().equals("process")
                ? engine.probe().weaknesses().stream()
                        .map(line -> "  - " + line + "\n")
                        .collect(Collectors.joining())
                : "";
    }

    static String exports(String endpoint, String accessKeyId, String secretKey) {
        return """
                export AWS_ENDPOINT_URL=%s
                export AWS_ACCESS_KEY_ID=%s
                export AWS_SECRET_ACCESS_KEY=%s
                export AWS_DEFAULT_REGION=us-east-1
                """.formatted(endpoint, accessKeyId, secretKey);
    }
}
