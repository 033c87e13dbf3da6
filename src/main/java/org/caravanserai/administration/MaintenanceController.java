package org.caravanserai.administration;

import io.swagger.v3.oas.annotations.Operation;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.ProducerTemplate;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Work on the whole hub that a person starts; each job is a route. */
@RestController
@RequestMapping("/api/maintenance")
class MaintenanceController {

    private static final Map<String, String> JOBS = Map.of("reindex", "direct:maintenance-reindex");

    private final ProducerTemplate camel;
    private final Ids ids;

    /** A job that was started. */
    record StartedJob(UUID id) {}

    MaintenanceController(ProducerTemplate camel, Ids ids) {
        this.camel = camel;
        this.ids = ids;
    }

    @Operation(
            summary = "Start a job: reindex has all documents of all tenants indexed anew, which are found meanwhile")
    @PostMapping("/{job}/run")
    @ResponseStatus(HttpStatus.ACCEPTED)
    StartedJob run(@PathVariable("job") String job) {
        String route = JOBS.get(job);
        if (route == null) {
            throw RejectedException.notFound("The job");
        }
        camel.asyncSend(route, exchange -> {});
        return new StartedJob(ids.next());
    }
}
