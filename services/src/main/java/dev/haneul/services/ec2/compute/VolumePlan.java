package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.VolumeAttachment;
import java.util.Objects;

/** The next step of a volume: a function of its record and of whether its instance's server has it. */
final class VolumePlan {
    private VolumePlan() {}

    /** How a volume is seen at its instance's server. */
    enum Seen {
        /** There is no server that could have it. */
        NO_SERVER,
        PLUGGED,
        UNPLUGGED
    }

    enum Step {
        REST,
        /** Make the disk and say it is there. */
        MAKE,
        /** Plug it into the server. */
        PLUG,
        /** Say that it is attached. */
        ATTACHED,
        /** Pull it out of the server. */
        UNPLUG,
        /** Say that it is attached no more. */
        DETACHED,
        /** Make the disk larger and say the change is through. */
        GROW,
        /** Remove the disk and the record. */
        DELETE
    }

    /** The next step. */
    static Step of(VolumeRow row, Seen seen) {
        if (row.state().equals("deleting")) {
            return Step.DELETE;
        }
        if (!row.made()) {
            return Step.MAKE;
        }
        VolumeAttachment attachment = row.attachment();
        if (attachment != null) {
            Step step = attachment(Objects.requireNonNull(attachment.state()), seen);
            if (step != Step.REST) {
                return step;
            }
        }
        return row.modification() != null
                        && "modifying".equals(row.modification().modificationState())
                ? Step.GROW
                : Step.REST;
    }

    private static Step attachment(String state, Seen seen) {
        return switch (state) {
            case "attaching" -> seen == Seen.UNPLUGGED ? Step.PLUG : Step.ATTACHED;
            case "attached" -> seen == Seen.UNPLUGGED ? Step.PLUG : Step.REST;
            default -> seen == Seen.PLUGGED ? Step.UNPLUG : Step.DETACHED;
        };
    }

    /** Whether nothing is left to be done as far as the record tells. */
    static boolean settled(VolumeRow row) {
        VolumeAttachment attachment = row.attachment();
        return row.made()
                && !row.state().equals("deleting")
                && (attachment == null || "attached".equals(attachment.state()))
                && (row.modification() == null
                        || !"modifying".equals(row.modification().modificationState()));
    }
}
