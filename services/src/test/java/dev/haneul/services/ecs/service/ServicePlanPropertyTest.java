package dev.haneul.services.ecs.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.ecs.service.Desired.Guard;
import dev.haneul.services.ecs.service.Desired.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Whatever order tasks live and die in: never fewer healthy ones than the minimum by the plan's doing, never more than
 * the maximum, none let go twice, and in the end exactly what is wanted. {@link PlanWorld} judges every single plan.
 */
class ServicePlanPropertyTest {
    private static PlanWorld chaos(long seed, Kind kind, int count, int minimum, int maximum) {
        PlanWorld world = new PlanWorld(seed, kind, count);
        world.minimum = minimum;
        world.maximum = maximum;
        world.rebalance = kind == Kind.ROLLING && maximum > 100 && seed % 2 == 0;
        world.update();
        for (int i = 0; i < 150; i++) {
            world.step();
            world.happen();
            if (world.random.nextInt(40) == 0) {
                world.update();
            }
            if (kind == Kind.ROLLING && world.random.nextInt(50) == 0) {
                world.count = world.random.nextInt(8);
                world.balancing = false;
                world.steady = false;
            }
        }
        return world;
    }

    private static void isWhole(PlanWorld world) {
        String primary = world.rollouts.getFirst().id();
        assertThat(world.rollouts).hasSize(1);
        assertThat(world.rollouts.getFirst().state()).isEqualTo(Rollout.State.COMPLETED);
        assertThat(world.members)
                .hasSize(world.count)
                .allMatch(each ->
                        each.healthy() && !each.leaving() && each.rollout().equals(primary));
    }

    @Property(tries = 120, seed = "2026")
    void replicasKeepTheirLimitsAndComeToRest(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 7) int count,
            @ForAll @IntRange(min = 0, max = 100) int minimum,
            @ForAll @IntRange(min = 100, max = 250) int maximum) {
        PlanWorld world = chaos(seed, Kind.ROLLING, count, minimum, maximum);
        Desired desired = world.desired();
        // As on AWS, percentages that round to no room at all leave nothing to move.
        Assume.that(desired.maximum() > world.count || desired.minimum() < world.count || world.count == 0);
        world.calm();
        isWhole(world);
        if (world.rebalance) {
            Map<String, Integer> zones = new HashMap<>();
            List.of("a", "b", "c").forEach(zone -> zones.put(zone, 0));
            world.members.forEach(each -> zones.merge(each.zone(), 1, Integer::sum));
            int most = zones.values().stream().max(Integer::compare).orElse(0);
            int least = zones.values().stream().min(Integer::compare).orElse(0);
            assertThat(desired.maximum() > world.count ? most - least : 0).isLessThan(2);
        }
    }

    @Property(tries = 60, seed = "2026")
    void daemonsKeepTheirPlacesAndComeToRest(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 6) int places,
            @ForAll @IntRange(max = 60) int minimum) {
        PlanWorld world = chaos(seed, Kind.DAEMON, places, minimum, 100);
        Assume.that(world.desired().minimum() < places || places == 0);
        world.calm();
        isWhole(world);
        assertThat(world.members.stream().map(Member::instance).distinct()).hasSize(places);
    }

    @Property(tries = 60, seed = "2026")
    void aRevisionThatDoesNotRunIsGoneBackFrom(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 9) int count,
            @ForAll @IntRange(min = 0, max = 100) int minimum,
            @ForAll boolean shifting) {
        PlanWorld world = new PlanWorld(seed, shifting ? Kind.SHIFTING : Kind.ROLLING, count);
        world.breaker = new Guard(true, true);
        String good = world.update();
        world.calm();
        String bad = world.update();
        world.minimum = shifting ? 100 : minimum;
        world.broken = bad::equals;
        world.calm();
        isWhole(world);
        assertThat(world.rollouts.getFirst().id()).isEqualTo(good);
        assertThat(shifting ? world.served : good).isEqualTo(good);
    }

    @Property(tries = 25, seed = "2026")
    void withoutAWayBackItStallsAndTheOldTasksStay(@ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int count) {
        PlanWorld world = new PlanWorld(seed, Kind.ROLLING, count);
        world.breaker = new Guard(true, false);
        String good = world.update();
        world.calm();
        String bad = world.update();
        world.broken = bad::equals;
        for (int i = 0; i < 200; i++) {
            world.step();
            List.copyOf(world.members).forEach(world::goOn);
            world.now = world.now.plusSeconds(120);
        }
        assertThat(world.rollouts.getFirst().state()).isEqualTo(Rollout.State.FAILED);
        assertThat(world.rollouts.getFirst().reason())
                .isEqualTo("ECS deployment circuit breaker: tasks failed to start.");
        assertThat(world.members)
                .hasSize(count)
                .allMatch(each -> each.rollout().equals(good) && each.healthy() && !each.leaving());
    }

    @Property(tries = 40, seed = "2026")
    void greenTakesOverFromBlue(@ForAll long seed, @ForAll @IntRange(min = 0, max = 5) int count) {
        PlanWorld world = new PlanWorld(seed, Kind.SHIFTING, count);
        world.manner = new ShiftPlan.Manner(List.of(10.0, 55.0, 100.0), Duration.ofMinutes(3), List.of(), true);
        world.bake = Duration.ofMinutes(10);
        world.update();
        world.calm();
        String green = world.update();
        for (int i = 0; i < 60; i++) {
            world.step();
            world.happen();
        }
        world.calm();
        isWhole(world);
        assertThat(world.rollouts.getFirst().id()).isEqualTo(green);
        assertThat(world.served).isEqualTo(green);
    }

    @Property(tries = 25, seed = "2026")
    void whatIsDeletedEnds(@ForAll long seed, @ForAll @IntRange(min = 0, max = 40) int count) {
        PlanWorld world = chaos(seed, Kind.ROLLING, count, 100, 200);
        world.ending = true;
        world.calm();
        assertThat(world.gone).isTrue();
        assertThat(world.members).isEmpty();
    }
}
