package org.caravanserai.administration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.DocumentView;
import org.caravanserai.document.Stored;
import org.caravanserai.document.Upload;
import org.caravanserai.failure.RejectedException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A tenant's documents. */
@RestController
@RequestMapping("/api/tenants/{t}/documents")
class DocumentController {

    private static final int METADATA_MAX_BYTES = 16 * 1024;

    private final DocumentStore documents;
    private final ObjectReader metadata;

    /** What became of the uploaded files. */
    record Accepted(List<Stored> items) {}

    DocumentController(DocumentStore documents, ObjectMapper json) {
        this.documents = documents;
        this.metadata = json.readerFor(new TypeReference<Map<String, Object>>() {});
    }

    /** Takes in all parts named file, or none of them. */
    @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    ResponseEntity<Accepted> upload(
            @PathVariable UUID t,
            @RequestParam(defaultValue = "false") boolean replace,
            HttpServletRequest request)
            throws IOException, ServletException {
        List<Part> files = request.getParts().stream()
                .filter(part -> part.getName().equals("file"))
                .toList();
        if (files.isEmpty() || files.stream().anyMatch(part -> part.getSubmittedFileName() == null)) {
            throw RejectedException.field("file", "attach at least one file, as a multipart part named file.");
        }
        List<Upload> uploads = files.stream()
                .map(part -> new Upload(part.getSubmittedFileName(), part.getContentType(), part::getInputStream))
                .toList();
        List<Stored> stored = documents.accept(t, uploads, replace, metadata(request.getPart("metadata")));
        return ResponseEntity.accepted().body(new Accepted(stored));
    }

    /** Newest first. */
    @GetMapping
    ListAnswer<DocumentView> list(
            @PathVariable UUID t,
            @RequestParam(required = false) Integer limit,
            @RequestParam(required = false) String cursor) {
        return Pages.byId(
                "documents", t, cursor, limit, DocumentView::id, (before, atMost) -> documents.list(t, before, atMost));
    }

    @GetMapping("/{d}")
    DocumentView get(@PathVariable UUID t, @PathVariable UUID d) {
        return documents.get(t, d).orElseThrow(() -> RejectedException.notFound("The document"));
    }

    @DeleteMapping("/{d}")
    ResponseEntity<Void> delete(@PathVariable UUID t, @PathVariable UUID d) {
        documents.delete(t, d);
        return ResponseEntity.noContent().build();
    }

    @PostMapping("/{d}/reindex")
    ResponseEntity<DocumentView> reindex(@PathVariable UUID t, @PathVariable UUID d) {
        return ResponseEntity.accepted().body(documents.reindex(t, d));
    }

    private Map<String, Object> metadata(Part part) throws IOException {
        if (part == null) {
            return Map.of();
        }
        if (part.getSize() > METADATA_MAX_BYTES) {
            throw RejectedException.field("metadata", "is too large; at most 16 KiB are allowed.");
        }
        String text = new String(part.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            Map<String, Object> given = metadata.readValue(text);
            // PostgreSQL's jsonb cannot hold it, however it is written
            if (given == null || text.contains("\\u0000")) {
                throw RejectedException.field("metadata", "must be a JSON object without the character U+0000.");
            }
            return given;
        } catch (JsonProcessingException notAnObject) {
            throw RejectedException.field("metadata", "must be a JSON object.");
        }
    }
}
