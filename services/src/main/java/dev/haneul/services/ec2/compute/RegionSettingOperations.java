package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What an account sets for all its servers in a region: consoles, public sharing, credits, metadata. */
public interface RegionSettingOperations extends Ec2Api {
    String NO_PREFERENCE = "no-preference";

    Set<String> CREDITS = Set.of("standard", "unlimited");

    Set<String> BURSTABLE = Set.of("t2", "t3", "t3a", "t4g");

    Ec2Room room();

    private RegionSettings set(Struct in, Call call, UnaryOperator<RegionSettings> change) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            RegionSettings next = change.apply(RegionSettings.of(tx, scope));
            tx.put(RegionSettings.TABLE, scope.key("settings"), next);
            return next;
        });
    }

    private RegionSettings settings(Struct in, Call call) {
        Ec2Room.refuseDryRun(in);
        return room().read(tx -> RegionSettings.of(tx, Ec2Room.scope(call)));
    }

    @Override
    default EnableSerialConsoleAccessResult enableSerialConsoleAccess(EnableSerialConsoleAccessRequest in, Call call) {
        set(in, call, now -> now.serialConsole(true));
        return new EnableSerialConsoleAccessResult().serialConsoleAccessEnabled(true);
    }

    @Override
    default DisableSerialConsoleAccessResult disableSerialConsoleAccess(
            DisableSerialConsoleAccessRequest in, Call call) {
        set(in, call, now -> now.serialConsole(false));
        return new DisableSerialConsoleAccessResult().serialConsoleAccessEnabled(false);
    }

    @Override
    default GetSerialConsoleAccessStatusResult getSerialConsoleAccessStatus(
            GetSerialConsoleAccessStatusRequest in, Call call) {
        return new GetSerialConsoleAccessStatusResult()
                .serialConsoleAccessEnabled(settings(in, call).serialConsole())
                .managedBy("account");
    }

    @Override
    default EnableSnapshotBlockPublicAccessResult enableSnapshotBlockPublicAccess(
            EnableSnapshotBlockPublicAccessRequest in, Call call) {
        if (!Set.of("block-all-sharing", "block-new-sharing").contains(in.state())) {
            throw Ec2Faults.invalid("State", in.state(), "It must be block-all-sharing or block-new-sharing.");
        }
        set(in, call, now -> now.snapshots(in.state()));
        return new EnableSnapshotBlockPublicAccessResult().state(in.state());
    }

    @Override
    default DisableSnapshotBlockPublicAccessResult disableSnapshotBlockPublicAccess(
            DisableSnapshotBlockPublicAccessRequest in, Call call) {
        set(in, call, now -> now.snapshots("unblocked"));
        return new DisableSnapshotBlockPublicAccessResult().state("unblocked");
    }

    @Override
    default GetSnapshotBlockPublicAccessStateResult getSnapshotBlockPublicAccessState(
            GetSnapshotBlockPublicAccessStateRequest in, Call call) {
        return new GetSnapshotBlockPublicAccessStateResult()
                .state(settings(in, call).snapshots())
                .managedBy("account");
    }

    @Override
    default EnableImageBlockPublicAccessResult enableImageBlockPublicAccess(
            EnableImageBlockPublicAccessRequest in, Call call) {
        if (!"block-new-sharing".equals(in.imageBlockPublicAccessState())) {
            throw Ec2Faults.invalid(
                    "ImageBlockPublicAccessState", in.imageBlockPublicAccessState(), "It must be block-new-sharing.");
        }
        set(in, call, now -> now.images("block-new-sharing"));
        return new EnableImageBlockPublicAccessResult().imageBlockPublicAccessState("block-new-sharing");
    }

    @Override
    default DisableImageBlockPublicAccessResult disableImageBlockPublicAccess(
            DisableImageBlockPublicAccessRequest in, Call call) {
        set(in, call, now -> now.images("unblocked"));
        return new DisableImageBlockPublicAccessResult().imageBlockPublicAccessState("unblocked");
    }

    @Override
    default GetImageBlockPublicAccessStateResult getImageBlockPublicAccessState(
            GetImageBlockPublicAccessStateRequest in, Call call) {
        return new GetImageBlockPublicAccessStateResult()
                .imageBlockPublicAccessState(settings(in, call).images())
                .managedBy("account");
    }

    @Override
    default GetInstanceMetadataDefaultsResult getInstanceMetadataDefaults(
            GetInstanceMetadataDefaultsRequest in, Call call) {
        return new GetInstanceMetadataDefaultsResult()
                .accountLevel(Structs.clone(settings(in, call).metadata()).managedBy("account"));
    }

    @Override
    default ModifyInstanceMetadataDefaultsResult modifyInstanceMetadataDefaults(
            ModifyInstanceMetadataDefaultsRequest in, Call call) {
        if (in.httpTokensEnforced() != null && !in.httpTokensEnforced().equals(NO_PREFERENCE)) {
            throw Ec2Faults.unbuilt("HttpTokensEnforced");
        }
        LaunchParameters.metadata(preferred(in.httpTokens()), preferred(in.httpEndpoint()), hops(in));
        set(in, call, now -> {
            InstanceMetadataDefaultsResponse next = Structs.clone(now.metadata());
            if (in.httpTokens() != null) {
                next.httpTokens(preferred(in.httpTokens()));
            }
            if (in.httpEndpoint() != null) {
                next.httpEndpoint(preferred(in.httpEndpoint()));
            }
            if (in.instanceMetadataTags() != null) {
                next.instanceMetadataTags(preferred(in.instanceMetadataTags()));
            }
            if (in.httpPutResponseHopLimit() != null) {
                next.httpPutResponseHopLimit(hops(in));
            }
            return now.metadata(next);
        });
        return new ModifyInstanceMetadataDefaultsResult().return_(true);
    }

    private static @Nullable String preferred(@Nullable String value) {
        return NO_PREFERENCE.equals(value) ? null : value;
    }

    /** -1 for no preference. */
    private static @Nullable Integer hops(ModifyInstanceMetadataDefaultsRequest in) {
        Integer hops = in.httpPutResponseHopLimit();
        return hops == null || hops == -1 ? null : hops;
    }

    @Override
    default GetDefaultCreditSpecificationResult getDefaultCreditSpecification(
            GetDefaultCreditSpecificationRequest in, Call call) {
        String family = family(in.instanceFamily());
        return new GetDefaultCreditSpecificationResult()
                .instanceFamilyCreditSpecification(new InstanceFamilyCreditSpecification()
                        .instanceFamily(family)
                        .cpuCredits(settings(in, call).creditsOf(family)));
    }

    @Override
    default ModifyDefaultCreditSpecificationResult modifyDefaultCreditSpecification(
            ModifyDefaultCreditSpecificationRequest in, Call call) {
        String family = family(in.instanceFamily());
        if (!CREDITS.contains(in.cpuCredits())) {
            throw Ec2Faults.invalid("Invalid value '" + in.cpuCredits() + "' for cpuCredits.");
        }
        set(in, call, now -> now.credits(family, in.cpuCredits()));
        return new ModifyDefaultCreditSpecificationResult()
                .instanceFamilyCreditSpecification(new InstanceFamilyCreditSpecification()
                        .instanceFamily(family)
                        .cpuCredits(in.cpuCredits()));
    }

    private static String family(String family) {
        if (!BURSTABLE.contains(family)) {
            throw Ec2Faults.invalid("InstanceFamily", family, "It must be one of t2, t3, t3a and t4g.");
        }
        return family;
    }
}
