package dev.haneul.services.ec2.compute;

import dev.haneul.api.kms.DescribeKeyRequest;
import dev.haneul.api.kms.KeyMetadata;
import dev.haneul.api.kms.KmsClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import org.jspecify.annotations.Nullable;

/**
 * Which key a volume is encrypted under. The key is checked and recorded; the bytes on the host's disk are not
 * encrypted by it.
 */
final class Encryption {
    private static final String DEFAULT = "alias/aws/ebs";
    private final Ec2Room room;

    Encryption(Ec2Room room) {
        this.room = room;
    }

    /** The account's wishes for a region. */
    Records.EbsSettings settings(Scope scope) {
        return room.read(tx -> tx.get(Records.EBS_SETTINGS, scope.key("settings")))
                .map(Row::value)
                .orElse(new Records.EbsSettings(false, null));
    }

    /**
     * The key's ARN; null for a volume that is not encrypted. Asks KMS: not in a transaction.
     *
     * @param wanted as the request says, null for nothing
     * @param snapshot what it begins with; its encryption is handed on
     * @throws Fault where there is no such key, or it cannot be used
     */
    @Nullable
    String key(Call call, @Nullable Boolean wanted, @Nullable String keyId, @Nullable String snapshot) {
        Scope scope = Ec2Room.scope(call);
        Records.EbsSettings settings = settings(scope);
        SnapshotRow from =
                snapshot == null || snapshot.isEmpty() ? null : room.read(tx -> Snapshots.usable(tx, scope, snapshot));
        boolean inherited = from != null && Boolean.TRUE.equals(from.told().encrypted());
        if (keyId != null && Boolean.FALSE.equals(wanted)) {
            throw Ec2Faults.combination("The parameter KmsKeyId requires the parameter Encrypted to be set.");
        }
        if (keyId == null && !Boolean.TRUE.equals(wanted) && !inherited && !settings.encrypted()) {
            return null;
        }
        if (keyId == null && inherited && from != null && from.told().kmsKeyId() != null) {
            return from.told().kmsKeyId();
        }
        String id = keyId == null ? settings.keyId() == null ? DEFAULT : settings.keyId() : keyId;
        return arn(scope, id);
    }

    /** The ARN of a key that can be used. */
    String arn(Scope scope, String id) {
        try {
            KeyMetadata key = new KmsClient(room.caller())
                    .describeKey(new DescribeKeyRequest().keyId(id), room.inside(scope))
                    .keyMetadata();
            if (key == null || key.arn() == null || !"Enabled".equals(key.keyState())) {
                throw Ec2Faults.of(
                        "InvalidKmsKey.InvalidState",
                        "The KMS key '" + id + "' is in an incorrect state for this request.");
            }
            return key.arn();
        } catch (Fault fault) {
            if (fault.code().startsWith("NotFound")) {
                throw Ec2Faults.of("InvalidParameterValue", "The KMS key provided is invalid: " + id);
            }
            throw fault;
        }
    }
}
