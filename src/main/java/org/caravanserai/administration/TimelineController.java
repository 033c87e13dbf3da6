package org.caravanserai.administration;

import java.util.UUID;
import org.caravanserai.timeline.TimelineView;
import org.caravanserai.timeline.Timelines;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What happened to a message and to what it was answered with. */
@RestController
class TimelineController {

    /** An exchange is shown whole unless it is very long. */
    private static final int DEFAULT_LIMIT = 200;

    private final Timelines timelines;

    TimelineController(Timelines timelines) {
        this.timelines = timelines;
    }

    /** Oldest first. */
    @GetMapping("/api/tenants/{t}/messages/{m}/timeline")
    ListAnswer<TimelineView> timeline(
            @PathVariable UUID t,
            @PathVariable UUID m,
            @RequestParam(required = false) Integer limit,
            @RequestParam(required = false) String cursor) {
        String list = "timeline/" + m;
        long after = Cursors.decode(list, t, cursor).map(Pages::number).orElse(0L);
        return Pages.of(
                list, t, limit == null ? Integer.valueOf(DEFAULT_LIMIT) : limit,
                atMost -> timelines.exchange(t, m, after, atMost),
                numbered -> Long.toString(numbered.number()), Timelines.Numbered::hop);
    }
}
