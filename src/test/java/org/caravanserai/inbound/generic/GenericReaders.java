package org.caravanserai.inbound.generic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.caravanserai.fuzz.Reader.unlessRefused;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;
import org.caravanserai.inbound.InboundReaders;
import org.caravanserai.tenant.Channel;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;

/** Of the generic door. */
public final class GenericReaders {

    private static final NormaliseGeneric NORMALISE = asSpringMakesIt();
    private static final Map<String, String> PATHS =
            Map.of("id", "$.event.id", "contact.address", "$.from[0]['no']", "text", "$.lines[-1].text");

    private GenericReaders() {}

    public static List<Reader> all() {
        return List.of(
                new Reader("generic-event", input -> read(input, Map.of())),
                new Reader("generic-mapped-event", input -> read(input, Map.of("mapping", PATHS))));
    }

    private static NormaliseGeneric asSpringMakesIt() {
        DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
        beans.registerSingleton("json", new ObjectMapper());
        return beans.createBean(NormaliseGeneric.class);
    }

    private static void read(Input input, Map<String, Object> config) throws Exception {
        Channel channel = new Channel(new UUID(1, 1), new UUID(1, 2), "generic", "crm", true, true, config);
        unlessRefused(() -> NORMALISE.normalise(channel, input.bytes()), RejectedException.class)
                .ifPresent(events -> assertThat(events).isNotEmpty().allSatisfy(InboundReaders::isStorable));
    }
}
