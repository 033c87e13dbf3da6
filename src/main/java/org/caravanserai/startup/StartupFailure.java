package org.caravanserai.startup;

/** The hub cannot start as it is. Printed as what happened and what to do, without a stack trace. */
public class StartupFailure extends RuntimeException {

    private final String action;

    /**
     * @param description what happened, with the name of the property or file
     * @param action what to do or write
     */
    public StartupFailure(String description, String action) {
        super(description);
        this.action = action;
    }

    /** What to do about it. */
    public String action() {
        return action;
    }
}
