package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.LaunchTemplate;
import dev.haneul.api.ec2.LaunchTemplateVersion;
import dev.haneul.api.ec2.PlacementGroup;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.ec2.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is kept of servers, images and disks. */
final class Records {
    /** By the instance that has it. */
    static final String INSTANCE = "instance";
    /** By whether something is left to be done. */
    static final String OPEN = "open";

    static final String STATE = "state";
    static final String RESERVATION = "reservation";
    static final String NAME = "name";
    static final String KEPT = "kept";
    /** By the system an image boots. */
    static final String SYSTEM = "system";

    /** By the accounts that may use it. */
    static final String USER = "user";

    static final Kind<InstanceRow> INSTANCES = new Kind<>(
            "instance",
            "i",
            Table.of(
                    "ec2.instance",
                    RecordCodecs.of(InstanceRow.class),
                    new Table.Index<>(STATE, row -> List.of(row.state().told())),
                    new Table.Index<>(
                            RESERVATION, row -> List.of(row.reservation().id()))),
            InstanceRow::id,
            "InvalidInstanceID.NotFound",
            "instance ID");

    static final Kind<VolumeRow> VOLUMES = new Kind<>(
            "volume",
            "vol",
            Table.of(
                    "ec2.volume",
                    RecordCodecs.of(VolumeRow.class),
                    new Table.Index<>(INSTANCE, VolumeRow::instances),
                    new Table.Index<>(OPEN, row -> VolumePlan.settled(row) ? List.of() : List.of("yes"))),
            VolumeRow::id,
            "InvalidVolume.NotFound",
            "volume");

    static final Kind<SnapshotRow> SNAPSHOTS = new Kind<>(
            "snapshot",
            "snap",
            Table.of(
                    "ec2.snapshot",
                    RecordCodecs.of(SnapshotRow.class),
                    new Table.Index<>(KEPT, row -> List.of(row.kept())),
                    new Table.Index<>(USER, SnapshotRow::users),
                    new Table.Index<>(OPEN, row -> "pending".equals(row.told().state()) ? List.of("yes") : List.of())),
            SnapshotRow::id,
            "InvalidSnapshot.NotFound",
            "snapshot");

    static final Kind<ImageRow> IMAGES = new Kind<>(
            "image",
            "ami",
            Table.of(
                    "ec2.image",
                    RecordCodecs.of(ImageRow.class),
                    new Table.Index<>(
                            NAME,
                            row -> List.of(Objects.requireNonNull(row.told().name()))),
                    new Table.Index<>(USER, ImageRow::users),
                    new Table.Index<>(SYSTEM, row -> row.recipe() == null ? List.of() : List.of(row.recipe())),
                    new Table.Index<>(OPEN, row -> "pending".equals(row.told().state()) ? List.of("yes") : List.of())),
            ImageRow::id,
            "InvalidAMIID.NotFound",
            "image id");

    static final Kind<LaunchTemplate> TEMPLATES = new Kind<>(
            "launch-template",
            "lt",
            Table.of(
                    "ec2.launch_template",
                    RecordCodecs.struct(new LaunchTemplate()),
                    new Table.Index<>(NAME, each -> List.of(Objects.requireNonNull(each.launchTemplateName())))),
            each -> Objects.requireNonNull(each.launchTemplateId()),
            "InvalidLaunchTemplateId.NotFound",
            "launch template");

    static final Kind<ImportRow> IMAGE_IMPORTS = new Kind<>(
            "import-image-task",
            "import-ami",
            Table.of(
                    "ec2.image_import",
                    RecordCodecs.of(ImportRow.class),
                    new Table.Index<>(OPEN, row -> row.active() ? List.of("yes") : List.of())),
            ImportRow::id,
            "InvalidConversionTaskId.Malformed",
            "import task ID");

    static final Kind<ImportRow> SNAPSHOT_IMPORTS = new Kind<>(
            "import-snapshot-task",
            "import-snap",
            Table.of(
                    "ec2.snapshot_import",
                    RecordCodecs.of(ImportRow.class),
                    new Table.Index<>(OPEN, row -> row.active() ? List.of("yes") : List.of())),
            ImportRow::id,
            "InvalidConversionTaskId.Malformed",
            "import task ID");

    static final Kind<PlacementGroup> PLACEMENT_GROUPS = new Kind<>(
            "placement-group",
            "pg",
            Table.of(
                    "ec2.placement_group",
                    RecordCodecs.struct(new PlacementGroup()),
                    new Table.Index<>(NAME, each -> List.of(Objects.requireNonNull(each.groupName())))),
            each -> Objects.requireNonNull(each.groupId()),
            "InvalidPlacementGroupId.Malformed",
            "placement group ID");

    /** Versions of launch templates, keyed by the template's id and the number. */
    static final Table<LaunchTemplateVersion> VERSIONS =
            Table.of("ec2.launch_template_version", RecordCodecs.struct(new LaunchTemplateVersion()));

    /** Until when a resource's use has been told. */
    static final Table<Metered> METERED = Table.of("ec2.metered", RecordCodecs.of(Metered.class));

    static final List<Kind<?>> KINDS = List.of(
            INSTANCES,
            VOLUMES,
            SNAPSHOTS,
            IMAGES,
            TEMPLATES,
            PLACEMENT_GROUPS,
            IMAGE_IMPORTS,
            SNAPSHOT_IMPORTS,
            KeyPairOperations.KEYS);

    /** What accounts want of new volumes in a region. */
    static final Table<EbsSettings> EBS_SETTINGS = Table.of("ec2.ebs_settings", RecordCodecs.of(EbsSettings.class));

    private Records() {}

    /** Whether new volumes are encrypted, and under which key (null for AWS's own). */
    record EbsSettings(boolean encrypted, @Nullable String keyId) {}

    /** What was told of the use that began at a moment: all until another. */
    record Metered(Instant start, Instant until) {}

    static Key version(Scope scope, String template, long number) {
        return scope.key(template + "/" + String.format(Locale.ROOT, "%012d", number));
    }

    static List<Table<?>> tables() {
        List<Table<?>> all = new ArrayList<>();
        KINDS.forEach(kind -> all.add(kind.table()));
        all.add(VERSIONS);
        all.add(METERED);
        all.add(EBS_SETTINGS);
        all.add(RegionSettings.TABLE);
        return all;
    }
}
