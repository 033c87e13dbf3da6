package org.caravanserai.maintenance;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Sees to it that virtual threads run though some of them never wait. The JVM has one carrier a processor and takes none back
 * from a thread that only computes; a few such threads would stop doors, liveness and all work. When virtual threads have
 * not run for a while, the JVM is given one carrier more, up to a bound; the operating system then shares the processors.
 */
@Component
class Carriers {

    private static final Logger LOG = LoggerFactory.getLogger(Carriers.class);
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(750);
    private static final int MORE_AT_MOST = 32;
    private static final String PARALLELISM = "Parallelism";

    private final AtomicLong ran = new AtomicLong(System.nanoTime());
    private final int most = Runtime.getRuntime().availableProcessors() + MORE_AT_MOST;
    private boolean isTold;

    /** Asked twice a second, by a platform thread. */
    void look() {
        if (System.nanoTime() - ran.get() > LATE_NANOS) {
            addOne();
        }
        // by a new thread: the JVM begins with a carrier more when work comes into an empty queue, and each thread has
        // its own
        Thread.ofPlatform().name("carriers").daemon().start(() -> Thread.ofVirtual()
                .name("carriers")
                .start(() -> ran.set(System.nanoTime())));
    }

    private void addOne() {
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            ObjectName scheduler = new ObjectName("jdk.management:type=VirtualThreadScheduler"); // since JDK 24
            int now = (Integer) server.getAttribute(scheduler, PARALLELISM);
            if (now >= most) {
                tellOnce("Virtual threads do not run, though they have {} carriers: restart the hub", now);
                return;
            }
            server.setAttribute(scheduler, new Attribute(PARALLELISM, now + 1));
            LOG.warn("Virtual threads did not run for a while; they have {} carriers now", now + 1);
        } catch (JMException | IllegalArgumentException old) {
            tellOnce("Virtual threads do not run, and this JVM cannot give them more carriers: {}", old.toString());
        }
    }

    private void tellOnce(String text, Object detail) {
        if (!isTold) {
            isTold = true;
            LOG.error(text, detail);
        }
    }
}
