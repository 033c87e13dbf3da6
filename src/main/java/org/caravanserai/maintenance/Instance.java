package org.caravanserai.maintenance;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.caravanserai.HubProperties;
import org.caravanserai.Ids;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * This running hub among its replicas. Rows that it works on carry its id; its heartbeat, every 2 s, says that it lives.
 * Others take its rows over once the heartbeat is 10 s old by the database's clock.
 */
@Component("instance")
@EnableConfigurationProperties(MaintenanceProperties.class)
public class Instance implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(Instance.class);

    private final UUID id;
    private final TenantTransactions transactions;
    private final InFlight inFlight;

    Instance(
            Ids ids,
            TenantTransactions transactions,
            HubProperties hub,
            InFlight inFlight,
            @Value("${spring.datasource.url:}") String externalDatabase) {
        this.id = ids.next();
        this.transactions = transactions;
        this.inFlight = inFlight;
        if (externalDatabase.isBlank()) {
            // An embedded database is one hub's alone: who ran on it before is dead, and need not be waited for.
            transactions.acrossTenants(jdbc ->
                    jdbc.sql("delete from instances where ended_at is null").update());
        }
        buryPredecessor(hub.home().resolve("instance"));
        beat();
    }

    /** Whoever ran on this home before is dead, since the home is locked: its rows may be taken over at once. */
    private void buryPredecessor(Path file) {
        try {
            if (Files.exists(file)) {
                Ids.parse(Files.readString(file).strip())
                        .ifPresent(before -> transactions.acrossTenants(
                                jdbc -> jdbc.sql("delete from instances where id = ? and ended_at is null")
                                        .param(before)
                                        .update()));
            }
            Files.writeString(file, id.toString());
        } catch (IOException unwritable) {
            LOG.warn("{} cannot be used; after a crash, work in progress waits 10 s", file, unwritable);
        }
    }

    public UUID id() {
        return id;
    }

    /** Says that this hub lives, and forgets those that have not for a day. */
    public final void beat() {
        transactions.acrossTenants(jdbc -> {
            jdbc.sql("delete from instances where heartbeat_at < now() - interval '1 day'")
                    .update();
            return jdbc.sql("""
                    insert into instances (id, host, pid) values (?, ?, ?)
                    on conflict (id) do update set heartbeat_at = now()""")
                    .params(
                            id,
                            ManagementFactory.getRuntimeMXBean().getName(),
                            ProcessHandle.current().pid())
                    .update();
        });
    }

    /**
     * Gives up every row, once the routes have stopped, so that nobody need wait for the heartbeat to grow old. What this hub
     * still had then was not left without an end: who takes it over counts nothing. Unless it is what stops this hub.
     */
    @Override
    public void destroy() {
        transactions.acrossTenants(jdbc -> jdbc.sql(
                        inFlight.endsTheProcess()
                                ? "delete from instances where id = ?"
                                : "update instances set ended_at = now() where id = ?")
                .param(id)
                .update());
    }
}
