package org.caravanserai.tool;

/** A tool failed in a way that the model is told, so that it can do better. The message holds no secret. */
public class ToolException extends RuntimeException {

    public ToolException(String message) {
        super(message);
    }

    public ToolException(String message, Throwable cause) {
        super(message, cause);
    }
}
