package org.caravanserai.maintenance;

import org.apache.camel.support.cluster.AbstractCamelClusterService;
import org.springframework.stereotype.Component;

/**
 * Makes Camel's {@code master:} endpoints work on the hub's own database: of all replicas, the one that owns the lease of
 * the endpoint's namespace consumes; 12 s after it died, at the latest, another does.
 */
@Component("hubCluster")
class HubCluster extends AbstractCamelClusterService<LeaseView> {

    private final Leases leases;
    private final Instance instance;

    HubCluster(Leases leases, Instance instance) {
        super("hub");
        this.leases = leases;
        this.instance = instance;
    }

    @Override
    protected LeaseView createView(String namespace) {
        return new LeaseView(this, namespace, leases, instance.id().toString());
    }
}
