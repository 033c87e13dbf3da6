package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.startup.StartupFailure;
import org.caravanserai.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.core.env.Environment;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/** Applies the tenants that are declared in files, at every start, before the hub says that it is ready. */
@Component
class DeclaredTenants implements ApplicationRunner {

    private static final Logger LOG = LoggerFactory.getLogger(DeclaredTenants.class);

    private final ApplyTenant apply;
    private final Demo demo;
    private final Environment environment;
    private final ObjectMapper json;

    DeclaredTenants(ApplyTenant apply, Demo demo, Environment environment, ObjectMapper json) {
        this.apply = apply;
        this.demo = demo;
        this.environment = environment;
        this.json = json;
    }

    /** @throws StartupFailure that names file and field if one cannot be applied */
    @Override
    public void run(ApplicationArguments arguments) {
        demo.obstacle().ifPresent(this::closeDemo);
        applyFolder(environment.getProperty("hub.config-dir", "classpath:config") + "/tenants/");
    }

    /** An earlier start may have left it, with channels whose secrets everybody knows. */
    private void closeDemo(String why) {
        if (apply.disable(Tenants.DEMO)) {
            LOG.warn(
                    "The demo tenant of an earlier start is disabled, since {}. HUB_DEMO=true opens it all the same",
                    why);
        }
    }

    /** @param folder a resource location that ends with a slash */
    void applyFolder(String folder) {
        for (Resource resource : files(folder)) {
            if (Demo.FILE.equals(resource.getFilename()) && !demo.isOn()) {
                continue;
            }
            DeclaredFile file = new DeclaredFile(resource, environment);
            JsonNode declared = file.read(json);
            try {
                apply.apply(declared, resource);
            } catch (RejectedException wrong) {
                throw file.wrong("is wrong: " + wrong.getMessage(), "Mend the fields named above.");
            }
            LOG.info("Tenant of {} applied", resource.getFilename());
        }
    }

    private static List<Resource> files(String folder) {
        PathMatchingResourcePatternResolver resolver = new PathMatchingResourcePatternResolver();
        try {
            if (!resolver.getResource(folder).exists()) {
                return List.of();
            }
            return Arrays.stream(resolver.getResources(folder + "*.yaml"))
                    .sorted(Comparator.comparing(Resource::getFilename))
                    .toList();
        } catch (IOException unreadable) {
            throw new StartupFailure(
                    "The folder " + folder + " cannot be read: " + unreadable.getMessage(),
                    "Check that the hub may read it.");
        }
    }
}
