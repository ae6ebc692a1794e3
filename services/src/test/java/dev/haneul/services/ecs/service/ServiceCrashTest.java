package dev.haneul.services.ecs.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.ecs.UpdateServiceRequest;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The process dies anywhere in rolling deployments, and neighbours fail before or after they did what they were asked:
 * no task is lost or doubled, none is stopped while it is in use, and no target is left behind.
 */
class ServiceCrashTest {
    /** What fails on purpose is not worth a thousand lines. */
    private static final Logger FAILURES = Logger.getLogger(ReconcileDriver.class.getPackageName());

    @BeforeAll
    static void quiet() {
        FAILURES.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        FAILURES.setLevel(null);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void deploymentsSurvive(int seed) {
        Random random = new Random(seed);
        try (ServiceRig rig = new ServiceRig()) {
            rig.create(ServiceRig.balanced(3));
            rig.failing = 30;
            for (int i = 0; i < 25; i++) {
                rig.advance(Duration.ofMillis(random.nextInt(8000)));
                if (i % 3 == 0) {
                    rig.restart();
                }
                if (i % 8 == 0) {
                    rig.failing = 0;
                    rig.update(new UpdateServiceRequest().taskDefinition(i % 16 == 0 ? "next" : "web"));
                    rig.failing = 30;
                }
                List<TaskRow> wanted = rig.wanted();
                assertThat(wanted).hasSizeLessThanOrEqualTo(6 + 6);
                if (!wanted.isEmpty() && random.nextInt(4) == 0) {
                    rig.kill(wanted.get(random.nextInt(wanted.size())));
                }
            }
            rig.failing = 0;
            rig.advance(Duration.ofMinutes(15));
            assertThat(rig.wrongs).isEmpty();
            assertThat(rig.wanted())
                    .hasSize(3)
                    .allMatch(each -> each.lastStatus().equals("RUNNING"));
            assertThat(rig.members()).isEqualTo(3);
            assertThat(rig.balancer.using(ServiceRig.GROUP)).containsExactlyInAnyOrderElementsOf(rig.addresses());
            assertThat(rig.describe().deployments()).hasSize(1);
            assertThat(rig.describe().deployments().getFirst().rolloutState()).isEqualTo("COMPLETED");
            // Whoever reads the service's events can name every task it ever started, once.
            long told = rig.messages().stream()
                    .filter(each -> each.contains("has started"))
                    .mapToLong(each -> each.split("\\(task ").length - 1)
                    .sum();
            assertThat(rig.describe().events().size() < 100 ? told : rig.all().size())
                    .isEqualTo(rig.all().size());
        }
    }
}
