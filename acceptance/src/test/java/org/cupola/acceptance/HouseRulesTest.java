package org.cupola.acceptance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Dependencies point one way: launcher, components, protocol, platform; components meet on the wire only. */
class HouseRulesTest {
    private static final List<String> COMPONENTS = List.of(
            "nats",
            "gorouter",
            "tcprouter",
            "routingapi",
            "routeemitter",
            "routeregistrar",
            "loadbalancer",
            "locket",
            "bbs",
            "auctioneer",
            "rep",
            "uaa",
            "blobstore",
            "cloudcontroller",
            "loggregator");
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.cupola");

    @Test
    void aComponentKnowsNoOtherComponentAndNotTheLauncher() {
        for (String component : COMPONENTS) {
            List<String> others = new ArrayList<>(List.of("org.cupola.launcher.."));
            COMPONENTS.stream()
                    .filter(other -> !other.equals(component))
                    .forEach(other -> others.add("org.cupola." + other + ".."));
            noClasses()
                    .that()
                    .resideInAPackage("org.cupola." + component + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others.toArray(String[]::new))
                    .check(CLASSES);
        }
    }

    @Test
    void theProtocolsKnowNoComponent() {
        noClasses()
                .that()
                .resideInAPackage("org.cupola.protocol..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(components())
                .check(CLASSES);
    }

    @Test
    void thePlatformFloorKnowsNothingAboveIt() {
        List<String> above = new ArrayList<>(List.of(components()));
        above.add("org.cupola.protocol..");
        noClasses()
                .that()
                .resideInAPackage("org.cupola.platform..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(above.toArray(String[]::new))
                .check(CLASSES);
    }

    private static String[] components() {
        List<String> packages = new ArrayList<>(List.of("org.cupola.launcher.."));
        COMPONENTS.forEach(component -> packages.add("org.cupola." + component + ".."));
        return packages.toArray(String[]::new);
    }
}
