package org.caravanserai.maintenance;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.cluster.CamelClusterMember;
import org.apache.camel.cluster.CamelClusterService;
import org.apache.camel.support.cluster.AbstractCamelClusterView;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One lease, as this hub sees it: whether it is the leader, and nothing of the other replicas. */
final class LeaseView extends AbstractCamelClusterView {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseView.class);
    private static final Duration EVERY = Duration.ofSeconds(2);

    /** By the hub's own clock, from before the lease was asked for: ends before the 10 s after which others may take it. */
    private static final long HELD_NANOS = Duration.ofSeconds(8).toNanos();

    private final Leases leases;
    private final Member local;
    private final AtomicBoolean asking = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();
    private ScheduledExecutorService timer;
    private volatile boolean leads;
    private volatile long heldSince;

    private final class Member implements CamelClusterMember {

        private final String id;

        Member(String id) {
            this.id = id;
        }

        @Override
        public String getId() {
            return id;
        }

        @Override
        public boolean isLeader() {
            return leads;
        }

        @Override
        public boolean isLocal() {
            return true;
        }
    }

    LeaseView(CamelClusterService service, String namespace, Leases leases, String instance) {
        super(service, namespace);
        this.leases = leases;
        this.local = new Member(instance);
    }

    @Override
    public Optional<CamelClusterMember> getLeader() {
        return leads ? Optional.of(local) : Optional.empty();
    }

    @Override
    public CamelClusterMember getLocalMember() {
        return local;
    }

    @Override
    public List<CamelClusterMember> getMembers() {
        return List.of(local);
    }

    @Override
    protected void doStart() {
        timer = getCamelContext().getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "Lease");
        timer.scheduleAtFixedRate(this::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void doStop() {
        getCamelContext().getExecutorServiceManager().shutdownNow(timer);
        lead(false);
        try {
            leases.release(getNamespace());
        } catch (RuntimeException away) {
            LOG.debug("The lease {} could not be given back; it ends by itself", getNamespace(), away);
        }
    }

    /** Never waits for the database, which may have stopped answering: then the lease must end in time all the same. */
    private void look() {
        if (leads && System.nanoTime() - heldSince > HELD_NANOS) {
            LOG.warn("The lease {} could not be renewed in time; scheduled routes pause", getNamespace());
            lead(false);
        }
        tell();
        if (asking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("lease").start(this::ask);
        }
    }

    private void ask() {
        long asked = System.nanoTime();
        try {
            Optional<Long> fence = leases.hold(getNamespace());
            boolean inTime = System.nanoTime() - asked < HELD_NANOS;
            if (fence.isPresent() && inTime && isRunAllowed()) {
                heldSince = asked;
                lead(true);
            } else if (fence.isEmpty()) {
                lead(false);
            }
        } catch (RuntimeException away) {
            LOG.debug("The lease {} could not be asked for", getNamespace(), away);
        } finally {
            asking.set(false);
        }
    }

    /**
     * Again and again: Camel's {@code master:} consumer begins a second after it was told, and never if 5 s have passed by
     * then, as they have in a hub that stood still meanwhile. Whoever has begun or ended already does nothing more.
     */
    private void tell() {
        lock.lock();
        try {
            fireLeadershipChangedEvent(leads ? local : (CamelClusterMember) null);
        } finally {
            lock.unlock();
        }
    }

    private void lead(boolean now) {
        lock.lock();
        try {
            if (leads != now) {
                leads = now;
                LOG.info("This hub {} the scheduled routes of {}", now ? "runs" : "no longer runs", getNamespace());
                tell();
            }
        } finally {
            lock.unlock();
        }
    }
}
