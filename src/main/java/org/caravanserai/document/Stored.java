package org.caravanserai.document;

import java.util.UUID;

/** What is said of a document when it was accepted. */
public record Stored(UUID id, String name, String status) {}
