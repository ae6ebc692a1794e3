package dev.haneul.services.ecs.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.engines.container.ImageRoot;
import dev.haneul.engines.container.ImageRoots;
import dev.haneul.kernel.reconcile.Reconciler.Next;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageCleanupTest {
    private static final Next LATER = Next.after(Duration.ofMinutes(30));

    private final Roots roots = new Roots();
    private final ImageCleanup cleanup = new ImageCleanup(roots);

    /** Roots that only note what they are asked to keep to. */
    private static final class Roots implements ImageRoots {
        private final List<Long> bounds = new ArrayList<>();
        private boolean broken;

        @Override
        public ImageRoot unpack(List<Layer> layers) {
            throw new AssertionError("nobody asked for an image");
        }

        @Override
        public Optional<ImageRoot> find(List<String> diffIds) {
            return Optional.empty();
        }

        @Override
        public void prune(long mostBytes) throws IOException {
            bounds.add(mostBytes);
            if (broken) {
                throw new IOException("busy");
            }
        }

        @Override
        public long bytes() {
            return 0;
        }
    }

    @Test
    void everyHalfHourWhatIsTooMuchGoesAlsoAfterAFailure() {
        assertThat(cleanup.reconcile("x")).isEqualTo(LATER);
        roots.broken = true;
        assertThat(cleanup.reconcile("x")).isEqualTo(LATER);
        roots.broken = false;
        assertThat(cleanup.reconcile("x")).isEqualTo(LATER);
        assertThat(roots.bounds).containsExactly(10L << 30, 10L << 30, 10L << 30);
    }
}
