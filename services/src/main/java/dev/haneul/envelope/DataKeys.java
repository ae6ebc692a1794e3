package dev.haneul.envelope;

import dev.haneul.api.kms.DecryptRequest;
import dev.haneul.api.kms.GenerateDataKeyRequest;
import dev.haneul.api.kms.GenerateDataKeyResponse;
import dev.haneul.api.kms.KmsClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.time.Clock;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Seals many small values under few data keys of KMS: each requester's key serves for a while before KMS is asked again,
 * as the requester, through the service. So a key policy that changes is felt when that while is over.
 */
public final class DataKeys {
    private static final int MOST = 2_000;

    private final KmsClient kms;
    private final String host;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Object, Known> known = new LinkedHashMap<>(16, 0.75f, true);

    /** Who seals under which key, for what. */
    private record Sealing(String keyId, Map<String, String> context, Principal.Type type, String account, String id) {}

    /** Who opens what was sealed under this data key. */
    private record Opening(String blob, Principal.Type type, String account, String id) {}

    private record Known(byte[] key, String blob, Instant until) {}

    /** @param host the service that keeps the values, e.g. {@code sqs.amazonaws.com} */
    public DataKeys(Caller neighbours, String host, Clock clock) {
        this.kms = new KmsClient(neighbours);
        this.host = host;
        this.clock = clock;
    }

    /** The caller's call through the service, into the account whose key it is. */
    private Call through(Call call, String account) {
        return new Call(
                call.principal(), account, call.region(), call.requestId(), call.deadline(), Call.Origin.inside(host));
    }

    private Known find(Object what) {
        lock.lock();
        try {
            Known found = known.get(what);
            return found != null && found.until.isAfter(clock.instant())
                    ? found
                    : new Known(new byte[0], "", Instant.MIN);
        } finally {
            lock.unlock();
        }
    }

    private Known keep(Object what, Known made) {
        lock.lock();
        try {
            known.put(what, made);
            if (known.size() > MOST) {
                known.remove(known.keySet().iterator().next());
            }
            return made;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks for a data key, unless the requester has one; it needs kms:GenerateDataKey and kms:Decrypt.
     *
     * @param account where a key that is named by its id or alias is
     * @throws Fault what KMS answers
     */
    public void require(String keyId, String account, Map<String, String> context, Call call, Duration reuse) {
        Known unused = sealing(keyId, account, context, call, reuse);
    }

    private Known sealing(String keyId, String account, Map<String, String> context, Call call, Duration reuse) {
        Principal who = call.principal();
        Sealing what = new Sealing(keyId, Map.copyOf(context), who.type(), who.account() + "/" + account, who.id());
        Known found = find(what);
        if (found.key.length > 0) {
            return found;
        }
        Call asked = through(call, account);
        GenerateDataKeyResponse made = kms.generateDataKey(
                new GenerateDataKeyRequest().keyId(keyId).keySpec("AES_256").encryptionContext(context), asked);
        byte[] blob = Objects.requireNonNull(made.ciphertextBlob());
        // A data key is proven before it is used, for which producers need kms:Decrypt too.
        byte[] proven = Objects.requireNonNull(
                kms.decrypt(new DecryptRequest().ciphertextBlob(blob).encryptionContext(context), asked)
                        .plaintext());
        Instant until = clock.instant().plus(reuse);
        return keep(what, new Known(proven, Base64.getEncoder().encodeToString(blob), until));
    }

    /**
     * Seals a value.
     *
     * @param context what it is; it opens only where the same is said
     * @return two parts in Base64, with a dot between: the sealed data key and the sealed value
     * @throws Fault what KMS answers
     */
    public String seal(
            byte[] clear, String keyId, String account, Map<String, String> context, Call call, Duration reuse) {
        Known key = sealing(keyId, account, context, call, reuse);
        return key.blob + "." + Base64.getEncoder().encodeToString(Envelope.seal(clear, key.key, random));
    }

    /**
     * Opens what {@link #seal} made; the requester needs kms:Decrypt.
     *
     * @throws Fault what KMS answers
     */
    public byte[] open(String sealed, String account, Map<String, String> context, Call call, Duration reuse) {
        int dot = sealed.indexOf('.');
        String blob = sealed.substring(0, dot);
        Principal who = call.principal();
        Opening what = new Opening(blob, who.type(), who.account(), who.id());
        Known found = find(what);
        if (found.key.length == 0) {
            byte[] key = Objects.requireNonNull(kms.decrypt(
                            new DecryptRequest()
                                    .ciphertextBlob(Base64.getDecoder().decode(blob))
                                    .encryptionContext(context),
                            through(call, account))
                    .plaintext());
            found = keep(what, new Known(key, blob, clock.instant().plus(reuse)));
        }
        byte[] both = Base64.getDecoder().decode(sealed.substring(dot + 1));
        return Envelope.open(both, found.key);
    }
}
