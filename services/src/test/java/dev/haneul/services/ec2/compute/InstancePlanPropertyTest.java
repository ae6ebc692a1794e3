package dev.haneul.services.ec2.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.engines.machine.MachineExit;
import dev.haneul.services.ec2.compute.InstancePlan.Step;
import dev.haneul.services.ec2.compute.InstanceRow.Course;
import java.time.Instant;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever happens to an instance and its server, the plan brings it where it is wanted, and says nothing untrue. */
class InstancePlanPropertyTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** A world in which steps do what they say, or fail. */
    private static final class World {
        private final Random random;
        private Course course = Course.launched(START);
        private ServerView server = new ServerView.Absent();
        private Instant now = START;
        private boolean forgotten;

        World(Random random) {
            this.random = random;
        }

        void happen() {
            switch (random.nextInt(6)) {
                case 0 -> ask(Goal.STOP, State.STOPPING, course.state() == State.RUNNING);
                case 1 ->
                    ask(
                            Goal.TERMINATE,
                            State.SHUTTING_DOWN,
                            course.state() != State.TERMINATED && course.state() != State.SHUTTING_DOWN);
                case 2 -> {
                    if (course.state() == State.STOPPED) {
                        course = course.started().to(State.PENDING, now);
                    }
                }
                case 3 -> {
                    if (server instanceof ServerView.Up) {
                        MachineExit.Kind[] kinds = MachineExit.Kind.values();
                        server = new ServerView.Ended(new MachineExit(kinds[random.nextInt(kinds.length)], "so"));
                    }
                }
                case 4 -> course = course.reboot(course.state() == State.RUNNING);
                default -> now = now.plusSeconds(random.nextInt(4000));
            }
        }

        private void ask(Goal goal, State state, boolean allowed) {
            if (allowed) {
                course = course.towards(goal).to(state, now);
            }
        }

        /** Takes the plan's step; answers whether there was one. */
        boolean step() {
            Step step = InstancePlan.of(course, server, now);
            switch (step) {
                case Step.Rest() -> {
                    return false;
                }
                case Step.Wait wait -> {
                    return false;
                }
                case Step.Boot() -> {
                    if (random.nextInt(4) == 0) {
                        course = course.failed();
                    } else {
                        server = new ServerView.Up(1, false);
                    }
                }
                case Step.Arrive() -> {
                    assertThat(server).isNotInstanceOf(ServerView.Absent.class);
                    course = course.to(State.RUNNING, now);
                }
                case Step.Revive() -> {
                    server = new ServerView.Absent();
                    course = course.to(State.PENDING, now);
                }
                case Step.GiveUp up -> course = course.towards(Goal.TERMINATE).to(State.SHUTTING_DOWN, now);
                case Step.Ended ended -> course = course.towards(Goal.STOP).to(State.STOPPING, now);
                case Step.Reboot() -> course = course.reboot(false);
                case Step.Shutdown down ->
                    server = new ServerView.Ended(new MachineExit(MachineExit.Kind.POWERED_OFF, ""));
                case Step.Clear() -> {
                    assertThat(server).isInstanceOf(ServerView.Ended.class);
                    server = new ServerView.Absent();
                }
                case Step.Stopped() -> down(State.STOPPED);
                case Step.Terminated() -> down(State.TERMINATED);
                case Step.Forget() -> {
                    assertThat(now).isAfterOrEqualTo(course.changed().plus(InstancePlan.REMEMBERED));
                    forgotten = true;
                    return false;
                }
            }
            return true;
        }

        private void down(State state) {
            assertThat(server).isInstanceOf(ServerView.Absent.class);
            course = course.to(state, now);
        }
    }

    @Property(tries = 500, seed = "2026")
    void comesToRestWhereItIsWanted(@ForAll long seed) {
        World world = new World(new Random(seed));
        for (int event = 0; event < 20 && !world.forgotten; event++) {
            world.happen();
            for (int steps = world.random.nextInt(3); steps > 0; steps--) {
                world.step();
            }
        }
        int steps = 0;
        while (world.step()) {
            assertThat(++steps).as("steps to come to rest").isLessThan(40);
        }
        State state = world.course.state();
        assertThat(state).isIn(State.RUNNING, State.STOPPED, State.TERMINATED);
        assertThat(world.server instanceof ServerView.Up).isEqualTo(state == State.RUNNING);
    }
}
