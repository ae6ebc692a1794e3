package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Kind;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Tags;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Key pairs. Their private halves are not kept.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html">Key pairs</a>
 */
public interface KeyPairOperations extends Ec2Api {
    int MOST_KEYS = 5000;
    int NAME_CHARS = 255;

    Kind<KeyPairRow> KEYS = new Kind<>(
            "key-pair",
            "key",
            Table.of(
                    "ec2.key_pair",
                    RecordCodecs.of(KeyPairRow.class),
                    new Table.Index<>("name", row -> List.of(row.name()))),
            KeyPairRow::id,
            "InvalidKeyPair.NotFound",
            "key pair");

    Listing<KeyPairRow> KEY_LISTING = Listing.of(
            "DescribeKeyPairs",
            Filters.<KeyPairRow>tagged()
                    .one("key-pair-id", KeyPairRow::id)
                    .one("fingerprint", KeyPairRow::fingerprint)
                    .one("key-name", KeyPairRow::name));

    /**
     * A key pair.
     *
     * @param type {@code rsa} or {@code ed25519}
     * @param publicKey as {@code authorized_keys} has it, without a comment
     */
    record KeyPairRow(String id, String name, String type, String publicKey, String fingerprint, Instant created) {}

    Ec2Room room();

    @Override
    default KeyPair createKeyPair(CreateKeyPairRequest in, Call call) {
        String name = name(in.keyName());
        String type = in.keyType() == null ? "rsa" : in.keyType();
        if (!List.of("rsa", "ed25519").contains(type)) {
            throw Ec2Faults.invalid("Invalid value '" + type + "' for keyType. It should be one of rsa, ed25519.");
        }
        String format = in.keyFormat() == null ? "pem" : in.keyFormat();
        if (!List.of("pem", "ppk").contains(format)) {
            throw Ec2Faults.invalid("Invalid value '" + format + "' for keyFormat. It should be one of pem, ppk.");
        }
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "key-pair");
        Scope scope = Ec2Room.scope(call);
        room().read(tx -> unused(tx, scope, name));
        NewKeyPair made = NewKeyPair.make(type, new SecureRandom());
        KeyPairRow row = keep(in, scope, name, made.key(), tags);
        return new KeyPair()
                .keyPairId(row.id())
                .keyName(name)
                .keyFingerprint(row.fingerprint())
                .keyMaterial(format.equals("ppk") ? made.ppk(name) : made.pem())
                .tags(told(tags));
    }

    @Override
    default ImportKeyPairResult importKeyPair(ImportKeyPairRequest in, Call call) {
        String name = name(in.keyName());
        byte[] material = in.publicKeyMaterial();
        if (material == null || material.length == 0) {
            throw Ec2Faults.missing("PublicKeyMaterial");
        }
        SshKey key = SshKey.parse(material)
                .orElseThrow(() -> Ec2Faults.of("InvalidKey.Format", "Key is not in valid OpenSSH public key format"));
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "key-pair");
        KeyPairRow row = keep(in, Ec2Room.scope(call), name, key, tags);
        return new ImportKeyPairResult()
                .keyPairId(row.id())
                .keyName(name)
                .keyFingerprint(row.fingerprint())
                .tags(told(tags));
    }

    @Override
    default DescribeKeyPairsResult describeKeyPairs(DescribeKeyPairsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        boolean open = Boolean.TRUE.equals(in.includePublicKey());
        boolean named = !in.keyNames().isEmpty() || !in.keyPairIds().isEmpty();
        return room().read(tx -> {
            List<KeyPairRow> found = named ? asked(tx, scope, in) : KEYS.all(tx, scope);
            return new DescribeKeyPairsResult()
                    .keyPairs(KEY_LISTING
                            .page(room(), tx, found, KeyPairRow::id, in, named, call)
                            .map(each -> info(each.record(), each.tags(), open))
                            .items());
        });
    }

    private static List<KeyPairRow> asked(ReadTx tx, Scope scope, DescribeKeyPairsRequest in) {
        List<KeyPairRow> found = new ArrayList<>();
        for (String name : in.keyNames()) {
            found.add(keyNamed(tx, scope, name).orElseThrow(() -> noName(name)));
        }
        for (String id : in.keyPairIds()) {
            found.add(KEYS.find(tx, scope, id).orElseThrow(() -> noId(id)));
        }
        return found.stream().distinct().toList();
    }

    private static KeyPairInfo info(KeyPairRow row, Map<String, String> tags, boolean open) {
        return new KeyPairInfo()
                .keyPairId(row.id())
                .keyName(row.name())
                .keyType(row.type())
                .keyFingerprint(row.fingerprint())
                .createTime(row.created())
                .publicKey(open ? row.publicKey() + " " + row.name() : null)
                .tags(told(tags));
    }

    @Override
    default DeleteKeyPairResult deleteKeyPair(DeleteKeyPairRequest in, Call call) {
        if (in.keyName() == null && in.keyPairId() == null) {
            throw Ec2Faults.missing("KeyName or KeyPairId");
        }
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            Optional<KeyPairRow> found =
                    in.keyPairId() == null ? keyNamed(tx, scope, in.keyName()) : KEYS.find(tx, scope, in.keyPairId());
            // Deleting what is not there goes well, as on AWS.
            found.ifPresent(row -> KEYS.delete(tx, scope, row.id()));
            return new DeleteKeyPairResult()
                    .return_(true)
                    .keyPairId(found.map(KeyPairRow::id).orElse(null));
        });
    }

    /** The key pair of a name. */
    static Optional<KeyPairRow> keyNamed(ReadTx tx, Scope scope, @Nullable String name) {
        return name == null || name.isEmpty()
                ? Optional.empty()
                : KEYS.find(tx, scope, "name", name).stream().findFirst();
    }

    /** The error for names nobody has. */
    static Fault noName(String name) {
        return Ec2Faults.of("InvalidKeyPair.NotFound", "The key pair '" + name + "' does not exist");
    }

    private static Fault noId(String id) {
        return Ec2Faults.of("InvalidKeyPair.NotFound", "The key pair '" + id + "' does not exist");
    }

    private static String name(@Nullable String name) {
        if (name == null) {
            throw Ec2Faults.missing("KeyName");
        }
        if (name.isBlank() || name.length() > NAME_CHARS || !name.chars().allMatch(c -> c >= ' ' && c < 127)) {
            throw Ec2Faults.invalid("Value (" + name
                    + ") for parameter KeyName is invalid. Length exceeds maximum of 255 or character is not ASCII.");
        }
        return name;
    }

    private KeyPairRow keep(
            dev.haneul.api.runtime.Struct in, Scope scope, String name, SshKey key, Map<String, String> tags) {
        return room().change(in, tx -> {
            unused(tx, scope, name);
            KeyPairRow row = new KeyPairRow(
                    room().ids().ec2("key"),
                    name,
                    key.type(),
                    key.line(),
                    key.fingerprint(),
                    room().now().truncatedTo(ChronoUnit.MILLIS));
            put(tx, scope, row, tags);
            return row;
        });
    }

    private static void put(WriteTx tx, Scope scope, KeyPairRow row, Map<String, String> tags) {
        KEYS.put(tx, scope, row);
        Tags.put(tx, scope, KEYS, row.id(), tags);
    }

    private static boolean unused(ReadTx tx, Scope scope, String name) {
        if (keyNamed(tx, scope, name).isPresent()) {
            throw Ec2Faults.of("InvalidKeyPair.Duplicate", "The keypair already exists");
        }
        if (tx.range(KEYS.table(), scope, "", null, MOST_KEYS).size() >= MOST_KEYS) {
            throw Ec2Faults.of("KeyPairLimitExceeded", "Maximum of " + MOST_KEYS + " keypairs reached.");
        }
        return true;
    }

    private static List<Tag> told(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                .toList();
    }
}
