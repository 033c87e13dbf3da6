package org.caravanserai.administration;

import java.util.List;

/** A page of a list. @param nextCursor of the next page; null on the last */
public record ListAnswer<T>(List<T> items, String nextCursor) {}
