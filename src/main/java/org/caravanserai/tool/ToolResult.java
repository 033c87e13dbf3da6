package org.caravanserai.tool;

/**
 * How a call went.
 *
 * @param outcome ok, invalid, failed, timed_out, busy
 * @param text what the model is told
 */
public record ToolResult(String outcome, String text) {}
