package org.caravanserai.model;

import org.caravanserai.failure.Circuits;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether the model of tenants without their own can be asked, by its settings and its circuit. It asks nobody. */
@Component("models")
class ModelHealth implements HealthIndicator {

    private final ModelChoices choices;
    private final Circuits circuits;

    ModelHealth(ModelChoices choices, Circuits circuits) {
        this.choices = choices;
        this.circuits = circuits;
    }

    @Override
    public Health health() {
        ModelChoices.Choice choice = choices.of(TenantSettings.NONE).getFirst();
        try {
            ModelChoices.Reachable model = choices.reach(choice, null, TenantSettings.NONE);
            boolean isSpared = circuits.isOpen(AskModel.CIRCUIT, model.circuit());
            return (isSpared ? Health.down() : Health.up())
                    .withDetail("model", model.circuit())
                    .withDetail("circuit", isSpared ? "open" : "closed")
                    .build();
        } catch (PermanentException notSetUp) {
            return Health.down().withDetail("reason", notSetUp.getMessage()).build();
        }
    }
}
