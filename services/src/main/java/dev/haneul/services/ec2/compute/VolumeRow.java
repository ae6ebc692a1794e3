package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.Volume;
import dev.haneul.api.ec2.VolumeAttachment;
import dev.haneul.api.ec2.VolumeModification;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A volume.
 *
 * @param told what describe tells, state and attachment included, without tags
 * @param source what its first bytes are
 * @param made whether the disk is there
 * @param force whether a detachment does not wait for whoever uses it
 * @param modification the last change of its size or kind, null where there was none
 * @param grown the size in GiB that the disk has
 * @param autoEnableIo recorded: whether I/O goes on by itself after AWS doubts the bytes
 */
record VolumeRow(
        Volume told,
        Source source,
        boolean made,
        boolean force,
        @Nullable VolumeModification modification,
        int grown,
        boolean autoEnableIo) {
    /** What a volume begins with. */
    sealed interface Source {
        /** Zeros. */
        record Empty() implements Source {}

        /** A system to boot, by the name of its image. */
        record System(String image) implements Source {}

        /** The bytes of a snapshot, by the name it is kept under. */
        record Kept(String snapshot) implements Source {}
    }

    String id() {
        return Objects.requireNonNull(told.volumeId());
    }

    String state() {
        return Objects.requireNonNull(told.state());
    }

    int sizeGib() {
        return Objects.requireNonNull(told.size());
    }

    /** Where it is attached; null where it is not. */
    @Nullable
    VolumeAttachment attachment() {
        return told.attachments().isEmpty() ? null : told.attachments().getFirst();
    }

    /** The instance that has it, empty where none has. */
    List<String> instances() {
        return told.attachments().stream()
                .map(each -> Objects.requireNonNull(each.instanceId()))
                .toList();
    }

    VolumeRow with(Volume next) {
        return new VolumeRow(next, source, made, force, modification, grown, autoEnableIo);
    }

    VolumeRow state(String next) {
        return with(Structs.clone(told).state(next));
    }

    /** The same, attached like this; null for not at all. */
    VolumeRow attached(@Nullable VolumeAttachment attachment) {
        return with(Structs.clone(told)
                .state(attachment == null ? "available" : "in-use")
                .attachments(attachment == null ? List.of() : List.of(attachment)));
    }

    VolumeRow attachment(String state) {
        VolumeAttachment attachment = attachment();
        return attachment == null ? this : attached(Structs.clone(attachment).state(state));
    }

    VolumeRow ready() {
        return new VolumeRow(told, source, true, force, modification, sizeGib(), autoEnableIo);
    }

    VolumeRow forced(boolean value) {
        return new VolumeRow(told, source, made, value, modification, grown, autoEnableIo);
    }

    VolumeRow modified(@Nullable VolumeModification next) {
        return new VolumeRow(told, source, made, force, next, grown, autoEnableIo);
    }

    VolumeRow autoEnableIo(boolean value) {
        return new VolumeRow(told, source, made, force, modification, grown, value);
    }

    VolumeRow grown(int gib) {
        return new VolumeRow(told, source, made, force, modification, gib, autoEnableIo);
    }
}
