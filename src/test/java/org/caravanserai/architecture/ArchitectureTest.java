package org.caravanserai.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.PrintStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

class ArchitectureTest {

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.caravanserai");
    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .importPackages("org.caravanserai");

    @Test
    void onlyTenantTransactionsReachTheDatabase() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..tenant..", "..database..", "..embedded..", "..startup..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(DataSource.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(JdbcOperations.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(PlatformTransactionManager.class)
                .because("row-level security is set in one place")
                .check(MAIN);
    }

    @Test
    void doorsKnowNothingOfWhatComesAfterTheInbox() {
        noClasses()
                .that()
                .resideInAPackage("..inbound..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..conversation..", "..outbound..", "..retrieval..", "..model..", "..document..")
                .check(MAIN);
    }

    @Test
    void retrievalKnowsNoConversation() {
        noClasses()
                .that()
                .resideInAnyPackage("..retrieval..", "..model..", "..document..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..conversation..", "..inbound..", "..outbound..", "..administration..")
                .check(MAIN);
    }

    @Test
    void nobodyButTheApiKnowsTheApi() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..administration..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..administration..")
                .check(MAIN);
    }

    @Test
    void nothingIsInjectedIntoFields() {
        noFields().should().beAnnotatedWith(Autowired.class).check(MAIN);
    }

    @Test
    void nothingStaticChanges() {
        fields().that().areStatic().should().beFinal().check(MAIN);
    }

    @Test
    void nobodySleepsOrPrints() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(MAIN);
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(TESTS);
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(PrintStream.class)
                .check(MAIN);
    }

    @Test
    void settingsAreRecords() {
        classes()
                .that()
                .areAnnotatedWith(ConfigurationProperties.class)
                .should()
                .beRecords()
                .andShould()
                .haveSimpleNameEndingWith("Properties")
                .check(MAIN);
    }

    @Test
    void testsAreNamedAsClaims() {
        classes()
                .that()
                .containAnyMethodsThat(
                        com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith(Test.class)
                                .or(com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith(
                                        ParameterizedTest.class))
                                .forSubtype())
                .should()
                .haveNameMatching(".*(Test|IT)")
                .check(TESTS);
        noMethods()
                .that()
                .areAnnotatedWith(Test.class)
                .should()
                .haveNameMatching("(?i).*\\.(test.*|should.*)")
                .check(TESTS);
        methods()
                .that()
                .areAnnotatedWith(Test.class)
                .should()
                .bePackagePrivate()
                .check(TESTS);
    }
}
