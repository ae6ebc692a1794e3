package dev.haneul.services.ecs.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.ecs.instance.Expression;
import dev.haneul.services.ecs.task.Placement.Candidate;
import dev.haneul.services.ecs.task.Placement.Choice;
import dev.haneul.services.ecs.task.Placement.Need;
import dev.haneul.services.ecs.task.Placement.Strategy;
import dev.haneul.services.ecs.task.Placement.Wish;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A task goes where it fits and where the strategies want it, or everybody is told why not. */
class PlacementPropertyTest {
    private static Candidate candidate(String arn, String zone, int cpu, int memory, int group) {
        return new Candidate(
                arn,
                cpu,
                memory,
                Set.of(22),
                Set.of(),
                true,
                group,
                new Expression.Facts(Map.of("attribute:ecs.availability-zone", zone), Set.of()));
    }

    private static List<Candidate> some(Random random) {
        List<Candidate> all = new ArrayList<>();
        int count = random.nextInt(8);
        for (int i = 0; i < count; i++) {
            all.add(candidate(
                    "i" + i,
                    "z" + random.nextInt(3),
                    random.nextInt(4) * 256,
                    random.nextInt(4) * 512,
                    random.nextInt(4)));
        }
        return all;
    }

    @Property(tries = 500, seed = "2026")
    void whatIsChosenFitsAndEverybodyElseIsToldWhyNot(@ForAll Random random) {
        List<Candidate> all = some(random);
        Need need = new Need(256, 512, random.nextInt(4) == 0 ? Set.of(22) : Set.of(80), Set.of(), Set.of());
        Choice choice = Placement.choose(need, all, new Wish(random.nextBoolean(), List.of(), List.of()), random);
        if (choice.chosen() == null) {
            assertThat(choice.reasons()).hasSize(all.size());
        } else {
            Candidate chosen = all.stream()
                    .filter(each -> each.arn().equals(choice.chosen()))
                    .findFirst()
                    .orElseThrow();
            assertThat(chosen.cpu()).isGreaterThanOrEqualTo(256);
            assertThat(chosen.memory()).isGreaterThanOrEqualTo(512);
            assertThat(choice.reasons()).doesNotContainKey(chosen.arn());
        }
    }

    @Property(tries = 300, seed = "2026")
    void aSpreadLeavesZonesOneTaskApartAtMost(@ForAll Random random) {
        int[] tasks = new int[3];
        Wish wish = new Wish(false, List.of(), List.of(new Strategy("spread", "attribute:ecs.availability-zone")));
        int count = 1 + random.nextInt(20);
        for (int i = 0; i < count; i++) {
            List<Candidate> all = new ArrayList<>();
            for (int zone = 0; zone < tasks.length; zone++) {
                all.add(candidate("i" + zone, "z" + zone, 4096, 4096, tasks[zone]));
            }
            Choice choice = Placement.choose(new Need(1, 1, Set.of(), Set.of(), Set.of()), all, wish, random);
            tasks[Integer.parseInt(String.valueOf(choice.chosen()).substring(1))]++;
        }
        int most = Math.max(tasks[0], Math.max(tasks[1], tasks[2]));
        int least = Math.min(tasks[0], Math.min(tasks[1], tasks[2]));
        assertThat(most - least).isLessThanOrEqualTo(1);
    }

    @Property(tries = 300, seed = "2026")
    void binpackTakesTheFullestThatStillTakesIt(@ForAll Random random) {
        List<Candidate> all = some(random);
        Need need = new Need(256, 512, Set.of(), Set.of(), Set.of());
        Wish wish = new Wish(false, List.of(), List.of(new Strategy("binpack", "memory")));
        Choice choice = Placement.choose(need, all, wish, random);
        if (choice.chosen() != null) {
            int least = all.stream()
                    .filter(each -> each.cpu() >= 256 && each.memory() >= 512)
                    .mapToInt(Candidate::memory)
                    .min()
                    .orElseThrow();
            assertThat(all)
                    .filteredOn(each -> each.arn().equals(choice.chosen()))
                    .allMatch(each -> each.memory() == least);
        }
    }

    @Example
    void reasonsAreAwss() {
        Need need = new Need(256, 512, Set.of(22), Set.of(), Set.of("ecs.capability.gpu"));
        Wish any = new Wish(false, List.of(), List.of());
        Random random = new Random(1);
        Candidate fine = candidate("a", "z", 1024, 1024, 1);
        assertThat(reason(need, fine, any, random)).isEqualTo("ATTRIBUTE");
        Need plain = new Need(256, 512, Set.of(22), Set.of(), Set.of());
        assertThat(reason(plain, fine, any, random)).isEqualTo("RESOURCE:PORTS");
        assertThat(reason(plain, candidate("a", "z", 128, 1024, 0), any, random))
                .isEqualTo("RESOURCE:CPU");
        assertThat(reason(plain, candidate("a", "z", 1024, 128, 0), any, random))
                .isEqualTo("RESOURCE:MEMORY");
        assertThat(reason(plain, fine, new Wish(true, List.of(), List.of()), random))
                .startsWith("DistinctInstance");
        Wish member = new Wish(false, List.of(Expression.parse("attribute:ecs.availability-zone == other")), List.of());
        assertThat(reason(plain, fine, member, random)).startsWith("MemberOf");
    }

    @Example
    void theClosestComesFirst() {
        Need need = new Need(256, 512, Set.of(22), Set.of(), Set.of());
        List<Candidate> all = List.of(
                candidate("a", "z", 128, 1024, 0),
                candidate("c", "z", 1024, 1024, 0),
                candidate("b", "z", 1024, 128, 0));
        Choice choice = Placement.choose(need, all, new Wish(false, List.of(), List.of()), new Random(1));
        assertThat(choice.reasons().entrySet())
                .extracting(Map.Entry::toString)
                .containsExactly("c=RESOURCE:PORTS", "b=RESOURCE:MEMORY", "a=RESOURCE:CPU");
    }

    private static String reason(Need need, Candidate candidate, Wish wish, Random random) {
        return Placement.choose(need, List.of(candidate), wish, random)
                .reasons()
                .get("a");
    }
}
