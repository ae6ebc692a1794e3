package dev.haneul.trials.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Imports run down only, and no service knows another. Maven holds the floors; this holds the rooms. */
class WallsTest {
    private static JavaClasses classes;

    @BeforeAll
    static void readTheHouse() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(
                        "dev.haneul.api.runtime",
                        "dev.haneul.kernel",
                        "dev.haneul.storage",
                        "dev.haneul.fabric",
                        "dev.haneul.wire",
                        "dev.haneul.edge",
                        "dev.haneul.engines",
                        "dev.haneul.delivery",
                        "dev.haneul.services",
                        "dev.haneul.server");
    }

    @Test
    void noServiceImportsAnother() {
        slices().matching("dev.haneul.services.(*)..")
                .should()
                .notDependOnEachOther()
                .check(classes);
    }

    @Test
    void wireKnowsNoServiceAndNoEngine() {
        noClasses()
                .that()
                .resideInAPackage("dev.haneul.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.haneul.services..", "dev.haneul.engines..", "dev.haneul.storage..", "dev.haneul.fabric..")
                .check(classes);
    }

    @Test
    void wireNamesNoGeneratedService() {
        noClasses()
                .that()
                .resideInAPackage("dev.haneul.wire..")
                .should()
                .dependOnClassesThat(new com.tngtech.archunit.base.DescribedPredicate<>("are generated for a service") {
                    @Override
                    public boolean test(com.tngtech.archunit.core.domain.JavaClass input) {
                        return input.getPackageName().startsWith("dev.haneul.api.")
                                && !input.getPackageName().startsWith("dev.haneul.api.runtime");
                    }
                })
                .check(classes);
    }

    @Test
    void edgeKnowsOnlyTheKernel() {
        noClasses()
                .that()
                .resideInAPackage("dev.haneul.edge..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.haneul.services..",
                        "dev.haneul.engines..",
                        "dev.haneul.storage..",
                        "dev.haneul.fabric..",
                        "dev.haneul.wire..")
                .check(classes);
    }

    @Test
    void enginesKnowNoService() {
        noClasses()
                .that()
                .resideInAPackage("dev.haneul.engines..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.haneul.services..", "dev.haneul.wire..")
                .check(classes);
    }

    @Test
    void deliveryKnowsNoRoom() {
        noClasses()
                .that()
                .resideInAPackage("dev.haneul.delivery..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.haneul.services..", "dev.haneul.engines..", "dev.haneul.fabric..", "dev.haneul.wire..")
                .check(classes);
    }

    @Test
    void onlyTheServerPutsThingsTogether() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.haneul.server..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.haneul.server..")
                .check(classes);
    }

    @Test
    void roomsOfTheKernelDoNotGoInCircles() {
        slices().matching("dev.haneul.kernel.(*)..").should().beFreeOfCycles().check(classes);
    }
}
