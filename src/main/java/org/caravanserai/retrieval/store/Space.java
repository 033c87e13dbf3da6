package org.caravanserai.retrieval.store;

/** What vectors can be compared in: those of one model, of one dimension. */
record Space(String model, int dimension) {}
