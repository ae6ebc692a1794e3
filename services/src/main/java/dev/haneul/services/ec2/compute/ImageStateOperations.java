package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Images that are disabled, deprecated or kept from being deregistered.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html">Deprecate an AMI</a>
 */
public interface ImageStateOperations extends Ec2Api {
    Duration MOST_AHEAD = Duration.ofDays(3653);

    Ec2Room room();

    private void change(Struct in, Call call, String image, UnaryOperator<ImageRow> change) {
        room().change(in, tx -> {
            ImageRow row = Images.own(tx, call, image);
            if (!call.account().equals(row.told().ownerId())) {
                throw Fault.client("AuthFailure", 403, "Not authorized for image:" + image);
            }
            return Records.IMAGES.put(tx, Ec2Room.scope(call), change.apply(row));
        });
    }

    private static ImageRow state(ImageRow row, String from, String to) {
        String now = String.valueOf(row.told().state());
        if (!now.equals(from) && !now.equals(to)) {
            throw Ec2Faults.of("InvalidAMIID.Unavailable", "The image ID '" + row.id() + "' is in state " + now + ".");
        }
        return row.with(Structs.clone(row.told()).state(to));
    }

    /** A disabled image is nobody's but its owner's any more, and starts nothing. */
    @Override
    default DisableImageResult disableImage(DisableImageRequest in, Call call) {
        change(
                in,
                call,
                in.imageId(),
                row -> state(row, "available", "disabled").users(List.of()));
        return new DisableImageResult().return_(true);
    }

    @Override
    default EnableImageResult enableImage(EnableImageRequest in, Call call) {
        change(in, call, in.imageId(), row -> state(row, "disabled", "available"));
        return new EnableImageResult().return_(true);
    }

    @Override
    default EnableImageDeprecationResult enableImageDeprecation(EnableImageDeprecationRequest in, Call call) {
        Instant at = in.deprecateAt();
        if (at.isBefore(room().now()) || at.isAfter(room().now().plus(MOST_AHEAD))) {
            throw Ec2Faults.invalid(
                    "DeprecateAt", at, "The date must be in the future and at most ten years from now.");
        }
        // AWS rounds to the minute.
        String minute =
                Instant.ofEpochSecond(at.getEpochSecond() / 60 * 60).toString().replace("Z", ".000Z");
        change(in, call, in.imageId(), row -> row.with(Structs.clone(row.told()).deprecationTime(minute)));
        return new EnableImageDeprecationResult().return_(true);
    }

    @Override
    default DisableImageDeprecationResult disableImageDeprecation(DisableImageDeprecationRequest in, Call call) {
        change(in, call, in.imageId(), row -> row.with(Structs.clone(row.told()).deprecationTime(null)));
        return new DisableImageDeprecationResult().return_(true);
    }

    @Override
    default EnableImageDeregistrationProtectionResult enableImageDeregistrationProtection(
            EnableImageDeregistrationProtectionRequest in, Call call) {
        if (Boolean.TRUE.equals(in.withCooldown())) {
            throw Ec2Faults.unbuilt("A cooldown of an image's deregistration protection");
        }
        String state = "enabled-without-cooldown";
        change(in, call, in.imageId(), row -> row.with(Structs.clone(row.told()).deregistrationProtection(state)));
        return new EnableImageDeregistrationProtectionResult().return_(state);
    }

    @Override
    default DisableImageDeregistrationProtectionResult disableImageDeregistrationProtection(
            DisableImageDeregistrationProtectionRequest in, Call call) {
        change(in, call, in.imageId(), row -> row.with(Structs.clone(row.told()).deregistrationProtection("disabled")));
        return new DisableImageDeregistrationProtectionResult().return_("disabled");
    }
}
