package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ecr.EcrTables.ImageRow;
import dev.haneul.services.ecr.EcrTables.Scan;
import dev.haneul.storage.Layers;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Scans of images: what packages an image has, from the package database in its layers. Whether they are vulnerable is
 * not known, for this region has no vulnerability database; so a scan that succeeds says FINDINGS_UNAVAILABLE and what it
 * found, and never COMPLETE, which would read as "nothing is wrong".
 */
final class Scanning {
    private static final Duration QUOTA = Duration.ofDays(1);

    private final Store store;
    private final Clock clock;
    private final Layers layers;
    private final ImageEvents events;

    Scanning(Store store, Clock clock, Layers layers, ImageEvents events) {
        this.store = store;
        this.clock = clock;
        this.layers = layers;
        this.events = events;
    }

    void join(Driver driver) {
        driver.follow("ecr.scanning", Set.of(EcrTables.IMAGES.name()), this::follow);
    }

    StartImageScanResponse start(StartImageScanRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        Instant now = clock.instant();
        ImageRow image = store.transact(tx -> {
            Repositories.require(tx, repository);
            ImageRow row = Images.require(tx, repository, in.imageId());
            if (row.index()) {
                throw Fault.of(
                        new UnsupportedImageTypeException(),
                        "The image with media type '" + row.mediaType() + "' cannot be scanned");
            }
            Scan last = row.scan();
            if (last != null && last.asked().isAfter(now.minus(QUOTA))) {
                throw EcrFaults.limit("The scan quota per image has been exceeded. Wait and try again.");
            }
            ImageRow asked = row.scanned(new Scan("IN_PROGRESS", "", now, null));
            tx.put(EcrTables.IMAGES, EcrTables.image(repository, row.digest()), asked);
            return asked;
        });
        return new StartImageScanResponse()
                .registryId(repository.account())
                .repositoryName(repository.id())
                .imageId(new ImageIdentifier()
                        .imageDigest(image.digest())
                        .imageTag(in.imageId().imageTag()))
                .imageScanStatus(new ImageScanStatus().status("IN_PROGRESS"));
    }

    DescribeImageScanFindingsResponse findings(DescribeImageScanFindingsRequest in, Call call) {
        Key repository = Repositories.key(in.registryId(), in.repositoryName(), call);
        ImageRow image = store.read(tx -> {
            Repositories.require(tx, repository);
            return Images.require(tx, repository, in.imageId());
        });
        Scan scan = image.scan();
        if (scan == null) {
            throw Fault.of(
                    new ScanNotFoundException(),
                    "Image scan does not exist for the image with '{imageDigest:'" + image.digest()
                            + "'}' in the repository with name '" + repository.id() + "' in the registry with id '"
                            + repository.account() + "'");
        }
        return new DescribeImageScanFindingsResponse()
                .registryId(repository.account())
                .repositoryName(repository.id())
                .imageId(new ImageIdentifier()
                        .imageDigest(image.digest())
                        .imageTag(in.imageId().imageTag()))
                .imageScanStatus(new ImageScanStatus().status(scan.status()).description(scan.description()));
    }

    private void follow(Change change) {
        Optional<ImageRow> image = change.after(EcrTables.IMAGES.codec());
        if (image.isPresent() && running(image.get())) {
            scan(change.key().scope().key(image.get().repository()), image.get().digest());
        }
    }

    private static boolean running(ImageRow image) {
        return image.scan() != null && image.scan().status().equals("IN_PROGRESS");
    }

    private void scan(Key repository, String digest) {
        ImageRow image = store.<Optional<ImageRow>>read(tx -> Images.find(tx, repository, digest, null))
                .filter(Scanning::running)
                .orElse(null);
        if (image == null) {
            return;
        }
        Told told = told(image);
        Instant now = clock.instant();
        store.write(tx -> Images.find(tx, repository, digest, null)
                .filter(Scanning::running)
                .ifPresent(row -> {
                    Scan asked = row.scan();
                    Scan done = new Scan(told.status(), told.description(), asked == null ? now : asked.asked(), now);
                    tx.put(EcrTables.IMAGES, EcrTables.image(repository, digest), row.scanned(done));
                    events.scanned(tx, repository, row, Images.tags(tx, repository, digest), told.status(), now);
                }));
    }

    private record Told(String status, String description) {}

    private Told told(ImageRow image) {
        if (image.parts().size() < 2) {
            return unsupported();
        }
        try {
            List<String> topDown =
                    new ArrayList<>(image.parts().subList(1, image.parts().size()));
            return PackageInventory.of(layers, topDown.reversed())
                    .map(found -> new Told(
                            "FINDINGS_UNAVAILABLE",
                            found.describe() + " This region has no vulnerability database, so whether they are"
                                    + " vulnerable was not checked."))
                    .orElseGet(Scanning::unsupported);
        } catch (IOException e) {
            return new Told("FAILED", "A layer could not be read: " + e.getMessage());
        }
    }

    private static Told unsupported() {
        return new Told(
                "UNSUPPORTED_IMAGE",
                "UnsupportedImageError: The operating system and/or package manager are not supported.");
    }
}
