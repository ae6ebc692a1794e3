package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which instance profile an instance has. An association is known by its instance's id. */
public interface ProfileOperations extends Ec2Api {
    String ASSOCIATION = "iip-assoc-";

    Listing<IamInstanceProfileAssociation> ASSOCIATIONS = Listing.of(
            "DescribeIamInstanceProfileAssociations",
            Filters.<IamInstanceProfileAssociation>plain()
                    .one("instance-id", IamInstanceProfileAssociation::instanceId)
                    .one("state", IamInstanceProfileAssociation::state));

    Ec2Room room();

    Compute compute();

    private IamInstanceProfileAssociation told(InstanceRow row, String state) {
        return new IamInstanceProfileAssociation()
                .associationId(ASSOCIATION + row.id().substring(2))
                .instanceId(row.id())
                .iamInstanceProfile(row.told().iamInstanceProfile())
                .state(state)
                .timestamp(row.told().launchTime());
    }

    private static InstanceRow associated(ReadTx tx, Scope scope, @Nullable String association) {
        String id = String.valueOf(association);
        return id.startsWith(ASSOCIATION)
                ? Records.INSTANCES
                        .find(tx, scope, "i-" + id.substring(ASSOCIATION.length()))
                        .filter(row -> row.told().iamInstanceProfile() != null)
                        .orElseThrow(() -> noAssociation(id))
                : none(id);
    }

    private static InstanceRow none(String id) {
        throw noAssociation(id);
    }

    private static Fault noAssociation(String id) {
        return Ec2Faults.of("NoSuchAssociation", "An invalid association-id of '" + id + "' was given");
    }

    private InstanceRow put(
            Struct in, Call call, Function<ReadTx, InstanceRow> which, @Nullable IamInstanceProfile to) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            InstanceRow row = which.apply(tx);
            Instance told = Structs.clone(row.told());
            return Records.INSTANCES.put(tx, scope, row.with(told.iamInstanceProfile(to)));
        });
    }

    @Override
    default AssociateIamInstanceProfileResult associateIamInstanceProfile(
            AssociateIamInstanceProfileRequest in, Call call) {
        IamInstanceProfile profile = compute().profiles().of(in.iamInstanceProfile(), call);
        if (profile == null) {
            throw Ec2Faults.missing("IamInstanceProfile");
        }
        InstanceRow row = put(
                in,
                call,
                tx -> {
                    InstanceRow found = Instances.require(tx, Ec2Room.scope(call), in.instanceId());
                    if (found.told().iamInstanceProfile() != null) {
                        throw Ec2Faults.of(
                                "IncorrectState", "There is an existing association for instance " + found.id());
                    }
                    return found;
                },
                profile);
        return new AssociateIamInstanceProfileResult().iamInstanceProfileAssociation(told(row, "associating"));
    }

    @Override
    default ReplaceIamInstanceProfileAssociationResult replaceIamInstanceProfileAssociation(
            ReplaceIamInstanceProfileAssociationRequest in, Call call) {
        IamInstanceProfile profile = compute().profiles().of(in.iamInstanceProfile(), call);
        InstanceRow row = put(in, call, tx -> associated(tx, Ec2Room.scope(call), in.associationId()), profile);
        return new ReplaceIamInstanceProfileAssociationResult().iamInstanceProfileAssociation(told(row, "associating"));
    }

    @Override
    default DisassociateIamInstanceProfileResult disassociateIamInstanceProfile(
            DisassociateIamInstanceProfileRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        InstanceRow before = room().read(tx -> associated(tx, scope, in.associationId()));
        put(in, call, tx -> associated(tx, scope, in.associationId()), null);
        return new DisassociateIamInstanceProfileResult().iamInstanceProfileAssociation(told(before, "disassociating"));
    }

    @Override
    default DescribeIamInstanceProfileAssociationsResult describeIamInstanceProfileAssociations(
            DescribeIamInstanceProfileAssociationsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        Page<IamInstanceProfileAssociation> page = room().read(tx -> {
            List<InstanceRow> rows = in.associationIds().isEmpty()
                    ? Records.INSTANCES.all(tx, scope)
                    : in.associationIds().stream()
                            .map(id -> associated(tx, scope, id))
                            .toList();
            List<IamInstanceProfileAssociation> found = rows.stream()
                    .filter(row -> row.told().iamInstanceProfile() != null && row.state() != State.TERMINATED)
                    .map(row -> told(row, "associated"))
                    .toList();
            return ASSOCIATIONS
                    .page(
                            room(),
                            tx,
                            found,
                            each -> Objects.requireNonNull(each.associationId()),
                            in,
                            !in.associationIds().isEmpty(),
                            call)
                    .map(Tagged::record);
        });
        return new DescribeIamInstanceProfileAssociationsResult()
                .iamInstanceProfileAssociations(page.items())
                .nextToken(page.next());
    }
}
