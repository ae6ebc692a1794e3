package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.BlockDeviceMapping;
import dev.haneul.api.ec2.EbsBlockDevice;
import dev.haneul.api.ec2.Image;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An image.
 *
 * @param told what describe tells, without tags
 * @param recipe what its system is built by; null where it begins with the snapshot of its root device
 * @param users accounts that may launch it; {@code all} for everyone
 * @param instance whose disks are to become its snapshots, null once they are
 */
record ImageRow(
        Image told,
        @Nullable String recipe,
        List<String> users,
        @Nullable String instance) {
    ImageRow {
        users = List.copyOf(users);
    }

    String id() {
        return Objects.requireNonNull(told.imageId());
    }

    /** The disk to boot from; null where there is none. */
    @Nullable
    EbsBlockDevice root() {
        return told.blockDeviceMappings().stream()
                .filter(each -> Objects.equals(each.deviceName(), told.rootDeviceName()))
                .map(BlockDeviceMapping::ebs)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    boolean mayLaunch(String account) {
        return account.equals(told.ownerId()) || users.contains("all") || users.contains(account);
    }

    ImageRow with(Image next) {
        return new ImageRow(next, recipe, users, instance);
    }

    ImageRow users(List<String> next) {
        return new ImageRow(Structs.clone(told).public_(next.contains("all")), recipe, next, instance);
    }

    ImageRow done(Image next) {
        return new ImageRow(next, recipe, users, null);
    }
}
