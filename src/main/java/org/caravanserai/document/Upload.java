package org.caravanserai.document;

import java.io.IOException;
import java.io.InputStream;

/** One file that a tenant hands in. @param mediaType as the sender said; may be null */
public record Upload(String name, String mediaType, Content content) {

    /** Opens the bytes; called once, outside any transaction. */
    @FunctionalInterface
    public interface Content {
        InputStream open() throws IOException;
    }
}
