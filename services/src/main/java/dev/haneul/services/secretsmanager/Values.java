package dev.haneul.services.secretsmanager;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.envelope.Envelope;
import dev.haneul.kernel.Tokens;
import dev.haneul.services.secretsmanager.SecretTables.VersionRow;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Seals and opens values under data keys of KMS, as the caller and through {@code secretsmanager.amazonaws.com}. */
final class Values {
    static final String DEFAULT_KEY = "alias/aws/secretsmanager";
    static final String HOST = "secretsmanager.amazonaws.com";

    private final Envelope envelope;
    private final byte[] digestKey;

    Values(Caller neighbours, byte[] folderKey) {
        envelope = new Envelope(neighbours, HOST);
        digestKey = Tokens.derive(folderKey, "secretsmanager digests");
    }

    /** A value as a version keeps it. */
    VersionRow seal(
            String arn, String version, Value value, String keyId, List<String> stages, Instant now, Call call) {
        String text = envelope.seal(value.bytes(), keyId, context(arn, version), call);
        return new VersionRow(version, text, value.binary(), digest(value), keyId, stages, now);
    }

    byte[] open(String arn, VersionRow row, Call call) {
        return envelope.open(row.sealed(), context(arn, row.id()), call);
    }

    /** A value in clear. */
    record Value(byte[] bytes, boolean binary) {}

    String digest(Value value) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(digestKey, "HmacSHA256"));
            mac.update((byte) (value.binary() ? 1 : 0));
            return HexFormat.of().formatHex(mac.doFinal(value.bytes()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static Map<String, String> context(String arn, String version) {
        return Map.of("SecretARN", arn, "SecretVersionId", version);
    }
}
