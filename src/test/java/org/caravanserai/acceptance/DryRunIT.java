package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How an engineer tries a changed route: bin/dry-run hands these arguments on. */
class DryRunIT {

    /** Nothing real may be touched, whatever the environment says. */
    private static final Map<String, String> REAL_PARTS = Map.of(
            "SPRING_DATASOURCE_URL", "jdbc:postgresql://127.0.0.1:1/production",
            "SPRING_RABBITMQ_ADDRESSES", "127.0.0.1:1",
            "HUB_WHATSAPP_API_URL", "http://127.0.0.1:1");

    /** For all, since the home of dry runs is kept from run to run, too. */
    @TempDir
    private static Path folder;

    @Test
    void printsHopsAndWhatWouldHaveLeftToWhatsapp() throws Exception {
        HubProcess.Ended run =
                HubProcess.end(folder, REAL_PARTS, "--hub.dry-run.payload=examples/whatsapp-question.json");

        assertThat(run.output())
                .contains("-> 200", "inbound-whatsapp\n", "outbound-send\n", "Held back, would have left: 1")
                .contains("http://127.0.0.1:1/v24.0/100000000000001/messages", "Breakfast is included", "[1]")
                .contains("Authorization: ********")
                .doesNotContain("demo-access-token");
        assertThat(run.status()).isZero();
    }

    @Test
    void printsWhatWouldHaveLeftToAGenericChannelAndTheSameAgainAtTheNextRun() throws Exception {
        String[] arguments = {"--hub.dry-run.payload=examples/generic-message.json", "--hub.dry-run.channel=generic"};

        HubProcess.Ended first = HubProcess.end(folder, REAL_PARTS, arguments);
        HubProcess.Ended second = HubProcess.end(folder, REAL_PARTS, arguments);

        assertThat(first.output()).contains("Held back, would have left: 1", "outbound-generic-send", "two dogs");
        assertThat(second.output()).contains("Held back, would have left: 1");
        assertThat(first.status() + second.status()).isZero();
    }

    @Test
    void endsWithOneAndSaysWhyWhereThePayloadOrTheChannelIsNone() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.json"), "{");

        HubProcess.Ended unreadable = HubProcess.end(folder, Map.of(), "--hub.dry-run.payload=" + broken);
        HubProcess.Ended missing = HubProcess.end(folder, Map.of(), "--hub.dry-run.payload=nowhere.json");
        HubProcess.Ended noChannel =
                HubProcess.end(folder, Map.of(), "--hub.dry-run.payload=" + broken, "--hub.dry-run.channel=fax");

        assertThat(unreadable.status()).isEqualTo(1);
        assertThat(unreadable.output()).contains("The dry run failed");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.output()).contains("hub.dry-run", "write the path of a recorded payload");
        assertThat(noChannel.status()).isEqualTo(1);
        assertThat(noChannel.output()).contains("No channel is declared", "fax");
    }
}
