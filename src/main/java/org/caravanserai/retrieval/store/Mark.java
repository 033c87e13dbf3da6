package org.caravanserai.retrieval.store;

/**
 * How far a store follows a tenant's changes.
 *
 * @param changeNo the number of the last change that it holds
 * @param life tells the tenant's count from that of an earlier tenant of the same id
 */
record Mark(long changeNo, String life) {}
