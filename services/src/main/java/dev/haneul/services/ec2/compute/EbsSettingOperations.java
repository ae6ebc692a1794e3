package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.compute.Records.EbsSettings;

/** Whether an account's new volumes are encrypted, and under which key. */
public interface EbsSettingOperations extends Ec2Api {
    String USUAL_KEY = "alias/aws/ebs";

    Ec2Room room();

    Compute compute();

    private EbsSettings put(Struct in, Call call, EbsSettings next) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            tx.put(Records.EBS_SETTINGS, scope.key("settings"), next);
            return next;
        });
    }

    private EbsSettings settings(Call call) {
        return compute().encryption().settings(Ec2Room.scope(call));
    }

    @Override
    default EnableEbsEncryptionByDefaultResult enableEbsEncryptionByDefault(
            EnableEbsEncryptionByDefaultRequest in, Call call) {
        put(in, call, new EbsSettings(true, settings(call).keyId()));
        return new EnableEbsEncryptionByDefaultResult().ebsEncryptionByDefault(true);
    }

    @Override
    default DisableEbsEncryptionByDefaultResult disableEbsEncryptionByDefault(
            DisableEbsEncryptionByDefaultRequest in, Call call) {
        put(in, call, new EbsSettings(false, settings(call).keyId()));
        return new DisableEbsEncryptionByDefaultResult().ebsEncryptionByDefault(false);
    }

    @Override
    default GetEbsEncryptionByDefaultResult getEbsEncryptionByDefault(GetEbsEncryptionByDefaultRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        return new GetEbsEncryptionByDefaultResult()
                .ebsEncryptionByDefault(settings(call).encrypted());
    }

    @Override
    default GetEbsDefaultKmsKeyIdResult getEbsDefaultKmsKeyId(GetEbsDefaultKmsKeyIdRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        String key = settings(call).keyId();
        return new GetEbsDefaultKmsKeyIdResult().kmsKeyId(key == null ? USUAL_KEY : key);
    }

    @Override
    default ModifyEbsDefaultKmsKeyIdResult modifyEbsDefaultKmsKeyId(ModifyEbsDefaultKmsKeyIdRequest in, Call call) {
        String key = compute().encryption().arn(Ec2Room.scope(call), String.valueOf(in.kmsKeyId()));
        put(in, call, new EbsSettings(settings(call).encrypted(), key));
        return new ModifyEbsDefaultKmsKeyIdResult().kmsKeyId(key);
    }

    @Override
    default ResetEbsDefaultKmsKeyIdResult resetEbsDefaultKmsKeyId(ResetEbsDefaultKmsKeyIdRequest in, Call call) {
        put(in, call, new EbsSettings(settings(call).encrypted(), null));
        return new ResetEbsDefaultKmsKeyIdResult().kmsKeyId(USUAL_KEY);
    }
}
