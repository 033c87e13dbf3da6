package org.caravanserai.maintenance;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.caravanserai.wakeup.Workers;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Looks twice a second for work that takes longer than it may, by a platform thread: it has to look when all carriers of
 * virtual threads are taken too.
 */
@Component
class Overdue implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(Overdue.class);

    private final InFlight inFlight;
    private final Carriers carriers;
    private final List<Workers> workers;
    private final WorkProperties work;
    private final MeterRegistry meters;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("overdue").daemon().factory());

    Overdue(InFlight inFlight, Carriers carriers, List<Workers> workers, WorkProperties work, MeterRegistry meters) {
        this.inFlight = inFlight;
        this.carriers = carriers;
        this.workers = workers;
        this.work = work;
        this.meters = meters;
        for (WorkKind kind : WorkKind.values()) {
            Gauge.builder("hub.work.stuck", inFlight, rows -> rows.late(kind))
                    .description("Threads that work on something whose time is up, and heed no interrupt")
                    .tag("kind", kind.label())
                    .register(meters);
        }
        timer.scheduleWithFixedDelay(this::look, 500, 500, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            carriers.look();
            inFlight.expire().forEach(this::giveBack);
            Stream.of(WorkKind.values()).forEach(inFlight::late);
        } catch (RuntimeException | Error ours) {
            LOG.error("Work that takes too long could not be looked for; that is tried again", ours);
        }
    }

    private void giveBack(InFlight.Held held) {
        workers.forEach(some -> some.giveBack(held.thread()));
        meters.counter("hub.work.overdue", "kind", held.kind().label()).increment();
        LOG.warn(
                "Work of kind {} on {} took longer than {} s and was interrupted; its place is another's now. It was at {}",
                held.kind().label(),
                held.row(),
                work.timeout(held.kind()).toSeconds(),
                Stream.of(held.thread().getStackTrace())
                        .limit(3)
                        .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                        .toList());
    }

    @Override
    public void destroy() {
        timer.shutdownNow();
    }
}
