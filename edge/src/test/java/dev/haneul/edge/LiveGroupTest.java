package dev.haneul.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.edge.live.LiveGroup;
import dev.haneul.edge.table.TargetGroup.Health;
import dev.haneul.edge.table.TargetGroup.Target;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is known of targets while they come and go. */
class LiveGroupTest {
    private static Target target(boolean draining, Health health) {
        return new Target("one", "one", "127.0.0.1", 80, "", draining, health, null);
    }

    @Test
    void aTargetThatComesBackIsLookedAtAnew() {
        LiveGroup group =
                new LiveGroup(Rig.group("g", target(false, Health.HEALTHY)), InstantSource.system(), new Random(7));
        group.follow(Rig.group("g", target(true, Health.HEALTHY)));
        assertThat(group.targets()).allMatch(each -> each.health().healthy());
        group.follow(Rig.group("g", target(false, Health.INITIAL)));
        assertThat(group.targets()).allMatch(each -> each.health().initial());
    }

    @Test
    void ofATargetThatStaysWhatWasFoundOutCounts() {
        LiveGroup group =
                new LiveGroup(Rig.group("g", target(false, Health.INITIAL)), InstantSource.system(), new Random(7));
        group.targets().forEach(each -> group.health(each, Health.HEALTHY));
        group.follow(Rig.group("g", target(false, Health.INITIAL)));
        assertThat(group.targets()).allMatch(each -> each.health().healthy());
    }
}
