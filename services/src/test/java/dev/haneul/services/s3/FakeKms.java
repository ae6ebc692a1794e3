package dev.haneul.services.s3;

import dev.haneul.api.kms.DecryptRequest;
import dev.haneul.api.kms.DecryptResponse;
import dev.haneul.api.kms.GenerateDataKeyRequest;
import dev.haneul.api.kms.GenerateDataKeyResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A stand-in for KMS: remembers which plain key belongs to which wrapped one, and under which context. */
final class FakeKms implements Caller {
    static final String KEY = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    private record Issued(byte[] plain, Map<String, String> context) {}

    private final Map<String, Issued> issued = new HashMap<>();
    final List<Map<String, String>> generated = new ArrayList<>();
    int decrypted;

    @Nullable
    Fault refusal;

    @Nullable
    Call last;

    boolean takes(Struct input) {
        return input instanceof GenerateDataKeyRequest || input instanceof DecryptRequest;
    }

    @Override
    public synchronized Struct call(OperationShape operation, Struct input, Call call) {
        last = call;
        if (refusal != null) {
            throw refusal;
        }
        if (input instanceof GenerateDataKeyRequest request) {
            byte[] plain = new byte[32];
            new SecureRandom().nextBytes(plain);
            String wrapped = UUID.randomUUID().toString();
            issued.put(wrapped, new Issued(plain, request.encryptionContext()));
            generated.add(request.encryptionContext());
            return new GenerateDataKeyResponse()
                    .keyId(KEY)
                    .plaintext(plain)
                    .ciphertextBlob(wrapped.getBytes(StandardCharsets.US_ASCII));
        }
        DecryptRequest request = (DecryptRequest) input;
        Issued found = issued.get(new String(request.ciphertextBlob(), StandardCharsets.US_ASCII));
        if (found == null || !found.context().equals(request.encryptionContext())) {
            throw Fault.client("InvalidCiphertextException", 400, "");
        }
        decrypted++;
        return new DecryptResponse().keyId(KEY).plaintext(found.plain());
    }
}
