package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Images: those there are, and those made of instances, snapshots and other images.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIs.html">AMIs</a>
 */
public interface ImageOperations extends Ec2Api {
    Listing<ImageRow> IMAGE_LISTING = Listing.of(
            "DescribeImages",
            Filters.<ImageRow>tagged()
                    .one("architecture", row -> row.told().architecture())
                    .many("block-device-mapping.delete-on-termination", row -> disks(row, "delete"))
                    .many("block-device-mapping.device-name", row -> disks(row, "name"))
                    .many("block-device-mapping.snapshot-id", row -> disks(row, "snapshot"))
                    .many("block-device-mapping.volume-size", row -> disks(row, "size"))
                    .many("block-device-mapping.volume-type", row -> disks(row, "type"))
                    .many("block-device-mapping.encrypted", row -> disks(row, "encrypted"))
                    .one("creation-date", row -> row.told().creationDate())
                    .one("description", row -> row.told().description())
                    .one("ena-support", row -> row.told().enaSupport())
                    .one("free-tier-eligible", row -> row.told().freeTierEligible())
                    .one("hypervisor", row -> row.told().hypervisor())
                    .one("image-allowed", row -> row.told().imageAllowed())
                    .one("image-id", ImageRow::id)
                    .one("image-type", row -> row.told().imageType())
                    .one("is-public", row -> row.told().public_())
                    .one("kernel-id", row -> row.told().kernelId())
                    .one("manifest-location", row -> row.told().imageLocation())
                    .one("name", row -> row.told().name())
                    .one("owner-alias", row -> row.told().imageOwnerAlias())
                    .one("owner-id", row -> row.told().ownerId())
                    .one("platform", row -> row.told().platform())
                    .many("product-code", row -> List.of())
                    .many("product-code.type", row -> List.of())
                    .one("ramdisk-id", row -> row.told().ramdiskId())
                    .one("root-device-name", row -> row.told().rootDeviceName())
                    .one("root-device-type", row -> row.told().rootDeviceType())
                    .one("source-image-id", row -> row.told().sourceImageId())
                    .one("source-image-region", row -> row.told().sourceImageRegion())
                    .one("source-instance-id", row -> row.told().sourceInstanceId())
                    .one("state", row -> row.told().state())
                    .many("state-reason-code", row -> List.of())
                    .many("state-reason-message", row -> List.of())
                    .one("sriov-net-support", row -> row.told().sriovNetSupport())
                    .one("virtualization-type", row -> row.told().virtualizationType()));

    Ec2Room room();

    Compute compute();

    private static List<String> disks(ImageRow row, String what) {
        List<String> values = new ArrayList<>();
        for (BlockDeviceMapping each : row.told().blockDeviceMappings()) {
            EbsBlockDevice ebs = each.ebs() == null ? new EbsBlockDevice() : each.ebs();
            values.add(String.valueOf(
                    switch (what) {
                        case "name" -> each.deviceName();
                        case "delete" -> ebs.deleteOnTermination();
                        case "snapshot" -> ebs.snapshotId();
                        case "size" -> ebs.volumeSize();
                        case "type" -> ebs.volumeType();
                        default -> ebs.encrypted();
                    }));
        }
        return values;
    }

    @Override
    default DescribeImagesResult describeImages(DescribeImagesRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        boolean named = !in.imageIds().isEmpty();
        Page<Tagged<ImageRow>> page = room().read(tx -> {
            List<ImageRow> found = named
                    ? in.imageIds().stream()
                            .distinct()
                            .map(id -> compute().images().require(tx, scope, id))
                            .toList()
                    : compute().images().all(tx, scope);
            List<ImageRow> wanted = found.stream()
                    .filter(row -> named || shown(row, in, scope.account()))
                    .filter(row -> owned(row, in.owners(), scope.account()))
                    .filter(row -> executable(row, in.executableUsers(), scope.account()))
                    .toList();
            return IMAGE_LISTING.page(room(), tx, wanted, ImageRow::id, in, named, call);
        });
        return new DescribeImagesResult()
                .images(page.items().stream()
                        .map(each -> Structs.clone(each.record().told()).tags(told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }

    /** Disabled images are shown who asks for them, deprecated ones of others as well. */
    private boolean shown(ImageRow row, DescribeImagesRequest in, String account) {
        if ("disabled".equals(row.told().state()) && !Boolean.TRUE.equals(in.includeDisabled())) {
            return false;
        }
        String deprecation = row.told().deprecationTime();
        return deprecation == null
                || account.equals(row.told().ownerId())
                || Boolean.TRUE.equals(in.includeDeprecated())
                || Instant.parse(deprecation).isAfter(room().now());
    }

    private static boolean owned(ImageRow row, List<String> owners, String account) {
        return owners.isEmpty()
                || owners.stream()
                        .anyMatch(owner -> (owner.equals("self") ? account : owner)
                                        .equals(row.told().ownerId())
                                || owner.equals(row.told().imageOwnerAlias()));
    }

    private static boolean executable(ImageRow row, List<String> users, String account) {
        return users.isEmpty()
                || users.stream().anyMatch(user -> row.users().contains(user.equals("self") ? account : user));
    }

    static List<Tag> told(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(each -> new Tag().key(each.getKey()).value(each.getValue()))
                .toList();
    }

    @Override
    default CreateImageResult createImage(CreateImageRequest in, Call call) {
        return new CreateImageResult().imageId(MakeImage.ofInstance(room(), compute(), in, call));
    }

    @Override
    default RegisterImageResult registerImage(RegisterImageRequest in, Call call) {
        return new RegisterImageResult().imageId(MakeImage.ofSnapshots(room(), in, call));
    }

    @Override
    default CopyImageResult copyImage(CopyImageRequest in, Call call) {
        return new CopyImageResult().imageId(MakeImage.ofImage(room(), compute(), in, call));
    }

    @Override
    default DeregisterImageResult deregisterImage(DeregisterImageRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            ImageRow row = mine(tx, call, in.imageId());
            if (String.valueOf(row.told().deregistrationProtection()).startsWith("enabled")) {
                throw Ec2Faults.of(
                        "OperationNotPermitted",
                        "The image " + row.id()
                                + " is protected from deregistration. Turn its deregistration protection"
                                + " off first.");
            }
            Records.IMAGES.delete(tx, scope, row.id());
            List<DeleteSnapshotReturnCode> codes = new ArrayList<>();
            if (Boolean.TRUE.equals(in.deleteAssociatedSnapshots())) {
                List<String> snapshots = row.told().blockDeviceMappings().stream()
                        .map(BlockDeviceMapping::ebs)
                        .filter(Objects::nonNull)
                        .map(EbsBlockDevice::snapshotId)
                        .filter(Objects::nonNull)
                        .toList();
                for (String id : snapshots) {
                    codes.add(
                            new DeleteSnapshotReturnCode().snapshotId(id).returnCode(Snapshots.delete(tx, scope, id)));
                }
            }
            return new DeregisterImageResult().return_(true).deleteSnapshotResults(codes);
        });
    }

    /** Images of the catalogue are somebody else's. */
    private ImageRow mine(WriteTx tx, Call call, @Nullable String id) {
        if (id == null) {
            throw Ec2Faults.missing("ImageId");
        }
        ImageRow row = compute().images().require(tx, Ec2Room.scope(call), id);
        if (!call.account().equals(row.told().ownerId())) {
            throw Fault.client("AuthFailure", 403, "Not authorized for image:" + id);
        }
        return row;
    }

    @Override
    default ModifyImageAttributeResult modifyImageAttribute(ModifyImageAttributeRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        room().change(in, tx -> {
            ImageRow row = mine(tx, call, in.imageId());
            String attribute = String.valueOf(in.attribute());
            String text = in.value() == null && in.description() != null
                    ? in.description().value()
                    : in.value();
            if (in.description() != null || attribute.equals("description")) {
                row = row.with(Structs.clone(row.told()).description(text));
            } else if (in.imdsSupport() != null || attribute.equals("imdsSupport")) {
                row = row.with(Structs.clone(row.told())
                        .imdsSupport(
                                in.imdsSupport() == null
                                        ? text
                                        : in.imdsSupport().value()));
            } else {
                List<String> users = users(row, in);
                boolean opens = users.contains("all") && !row.users().contains("all");
                if (opens && RegionSettings.of(tx, scope).images().equals("block-new-sharing")) {
                    throw Ec2Faults.of(
                            "OperationNotPermitted",
                            "You can't publicly share this image because block public access for AMIs is enabled for"
                                    + " this account in this Region.");
                }
                row = row.users(users);
            }
            return Records.IMAGES.put(tx, scope, row);
        });
        return new ModifyImageAttributeResult();
    }

    private static List<String> users(ImageRow row, ModifyImageAttributeRequest in) {
        TreeSet<String> users = new TreeSet<>(row.users());
        LaunchPermissionModifications changes = in.launchPermission();
        if (changes != null) {
            changes.add().forEach(each -> users.add(user(each)));
            changes.remove().forEach(each -> users.remove(user(each)));
        }
        boolean remove = "remove".equals(in.operationType());
        List<String> named = new ArrayList<>(in.userIds());
        named.addAll(in.userGroups());
        if (remove) {
            named.forEach(users::remove);
        } else {
            users.addAll(named);
        }
        users.forEach(ImageOperations::checkUser);
        return List.copyOf(users);
    }

    static void checkUser(String user) {
        if (!user.equals("all") && !user.matches("[0-9]{12}")) {
            throw Ec2Faults.of(
                    "InvalidAMIAttributeItemValue",
                    "Invalid attribute item value \"" + user + "\" for userId item type.");
        }
    }

    private static String user(LaunchPermission permission) {
        String user = permission.userId() == null ? permission.group() : permission.userId();
        if (user == null) {
            throw Ec2Faults.of(
                    "InvalidAMIAttributeItemValue", "Launch permissions name an account or the group all here.");
        }
        return user;
    }

    @Override
    default ResetImageAttributeResult resetImageAttribute(ResetImageAttributeRequest in, Call call) {
        if (!"launchPermission".equals(in.attribute())) {
            throw Ec2Faults.invalid("The attribute " + in.attribute() + " cannot be reset.");
        }
        room().change(
                        in,
                        tx -> Records.IMAGES.put(
                                tx,
                                Ec2Room.scope(call),
                                mine(tx, call, in.imageId()).users(List.of())));
        return new ResetImageAttributeResult();
    }

    @Override
    default ImageAttribute describeImageAttribute(DescribeImageAttributeRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        ImageRow row =
                room().read(tx -> compute().images().require(tx, Ec2Room.scope(call), String.valueOf(in.imageId())));
        ImageAttribute out = new ImageAttribute().imageId(row.id());
        return switch (String.valueOf(in.attribute())) {
            case "description" -> out.description(value(row.told().description()));
            case "kernel" -> out.kernelId(value(null));
            case "ramdisk" -> out.ramdiskId(value(null));
            case "bootMode" -> out.bootMode(value(row.told().bootMode()));
            case "sriovNetSupport" -> out.sriovNetSupport(value(row.told().sriovNetSupport()));
            case "imdsSupport" -> out.imdsSupport(value(row.told().imdsSupport()));
            case "blockDeviceMapping" -> out.blockDeviceMappings(row.told().blockDeviceMappings());
            case "launchPermission" ->
                out.launchPermissions(row.users().stream()
                        .map(user -> user.equals("all")
                                ? new LaunchPermission().group(user)
                                : new LaunchPermission().userId(user))
                        .toList());
            case "productCodes" -> out.productCodes(List.of());
            default ->
                throw Ec2Faults.invalid(
                        "Value (" + in.attribute() + ") for parameter attribute is invalid. Unknown attribute.");
        };
    }

    private static AttributeValue value(@Nullable String text) {
        return new AttributeValue().value(text);
    }
}
