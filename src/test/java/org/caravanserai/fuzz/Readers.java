package org.caravanserai.fuzz;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.caravanserai.administration.AdministrationReaders;
import org.caravanserai.document.DocumentReaders;
import org.caravanserai.document.extraction.ExtractionReaders;
import org.caravanserai.failure.FailureReaders;
import org.caravanserai.inbound.InboundReaders;
import org.caravanserai.inbound.generic.GenericReaders;
import org.caravanserai.inbound.webchat.WebchatReaders;
import org.caravanserai.inbound.whatsapp.WhatsappReaders;
import org.caravanserai.model.ModelReaders;
import org.caravanserai.retrieval.RetrievalReaders;
import org.caravanserai.security.SecurityReaders;
import org.caravanserai.tool.ToolReaders;
import org.caravanserai.webhook.WebhookReaders;

/** All of the hub's readers of bytes from outside. */
final class Readers {

    static final Map<String, Reader> BY_NAME = byName(Stream.of(
                    WhatsappReaders.all(),
                    GenericReaders.all(),
                    WebchatReaders.all(),
                    InboundReaders.all(),
                    AdministrationReaders.all(),
                    DocumentReaders.all(),
                    ExtractionReaders.all(),
                    ToolReaders.all(),
                    ModelReaders.all(),
                    RetrievalReaders.all(),
                    WebhookReaders.all(),
                    SecurityReaders.all(),
                    FailureReaders.all())
            .flatMap(List::stream)
            .toList());

    private Readers() {}

    private static Map<String, Reader> byName(List<Reader> readers) {
        Map<String, Reader> byName = new LinkedHashMap<>();
        readers.forEach(reader -> byName.put(reader.name(), reader));
        return byName;
    }
}
