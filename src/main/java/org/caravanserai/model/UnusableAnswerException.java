package org.caravanserai.model;

/** A provider answered, with what is no answer. */
final class UnusableAnswerException extends RuntimeException {

    private final boolean isProvidersFault;

    /**
     * @param reason for the timeline; no text of the model's
     * @param isProvidersFault whether it says something about how the provider is, as a broken stream does
     */
    UnusableAnswerException(String reason, boolean isProvidersFault) {
        super(reason);
        this.isProvidersFault = isProvidersFault;
    }

    boolean isProvidersFault() {
        return isProvidersFault;
    }
}
