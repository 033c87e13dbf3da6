package org.caravanserai.administration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.DocumentView;
import org.caravanserai.document.Stored;
import org.caravanserai.document.Upload;
import org.caravanserai.failure.RejectedException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/** A tenant's documents. */
@RestController
@RequestMapping("/api/tenants/{t}/documents")
class DocumentController {

    private static final String FILE = "file";
    private static final String METADATA = "metadata";
    private static final long REQUEST_MAX = 200L * 1024 * 1024;
    private static final int METADATA_MAX = 64 * 1024;
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private final DocumentStore documents;
    private final ObjectMapper json;

    /** What was accepted. */
    record Accepted(List<Stored> items) {}

    /** How many documents are indexed anew. */
    record Reindexed(int count) {}

    DocumentController(DocumentStore documents, ObjectMapper json) {
        this.documents = documents;
        this.json = json;
    }

    @Operation(summary = "Store documents; they are indexed in the background")
    @Shape(Bodies.NewDocuments.class)
    @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    @ResponseStatus(HttpStatus.ACCEPTED)
    Accepted upload(
            @PathVariable("t") UUID tenantId,
            MultipartHttpServletRequest request,
            @Schema(allowableValues = {"true", "false"}) @RequestParam(required = false) String replace)
            throws IOException {
        if (replace != null && !replace.equals("true") && !replace.equals("false")) {
            throw RejectedException.field("replace", "must be true or false.");
        }
        List<MultipartFile> files = request.getFiles(FILE);
        if (files.isEmpty()) {
            throw RejectedException.field(FILE, "is required: attach at least one file as a part named \"file\".");
        }
        refuseUnknownParts(request);
        if (files.stream().mapToLong(MultipartFile::getSize).sum() > REQUEST_MAX) {
            throw new RejectedException(413, "The files of one request may have 200 MiB together. Send fewer at once.");
        }
        List<Upload> uploads = files.stream()
                .map(file -> new Upload(file.getOriginalFilename(), file.getContentType(), file::getInputStream))
                .toList();
        return new Accepted(documents.accept(tenantId, uploads, "true".equals(replace), metadata(request)));
    }

    @Operation(summary = "Documents, newest first")
    @GetMapping
    Page<DocumentView> list(@PathVariable("t") UUID tenantId, PageRequest page) {
        return Page.of(documents.list(tenantId, page.afterId(), page.limit() + 1), page, DocumentView::id);
    }

    @Operation(summary = "One document")
    @GetMapping("/{d}")
    DocumentView get(@PathVariable("t") UUID tenantId, @PathVariable("d") UUID id) {
        return documents.get(tenantId, id).orElseThrow(() -> RejectedException.notFound("The document"));
    }

    @Operation(summary = "Delete a document")
    @DeleteMapping("/{d}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable("t") UUID tenantId, @PathVariable("d") UUID id) {
        documents.delete(tenantId, id);
    }

    @Operation(summary = "Index a document anew")
    @PostMapping("/{d}/reindex")
    @ResponseStatus(HttpStatus.ACCEPTED)
    DocumentView reindex(@PathVariable("t") UUID tenantId, @PathVariable("d") UUID id) {
        return documents.reindex(tenantId, id);
    }

    @Operation(
            summary = "Index all documents anew, such as after settings.chunking was changed; they are found meanwhile")
    @PostMapping("/reindex")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Reindexed reindexAll(@PathVariable("t") UUID tenantId) {
        return new Reindexed(documents.reindexAll(tenantId));
    }

    private static void refuseUnknownParts(MultipartHttpServletRequest request) {
        Set<String> known = Set.of(FILE, METADATA, "replace");
        Stream.concat(request.getMultiFileMap().keySet().stream(), request.getParameterMap().keySet().stream())
                .filter(name -> !known.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw RejectedException.field(name, "is not known here. Known: file, metadata.");
                });
    }

    /** The part may come as a plain field or, with a file name or content type of its own, as a file. */
    private Map<String, Object> metadata(MultipartHttpServletRequest request) throws IOException {
        MultipartFile part = request.getFile(METADATA);
        String rule = "must be a JSON object of at most 64 KiB, such as {\"source\": \"website\"}.";
        if (part != null && part.getSize() > METADATA_MAX) {
            throw RejectedException.field(METADATA, rule);
        }
        String text =
                part == null ? request.getParameter(METADATA) : new String(part.getBytes(), StandardCharsets.UTF_8);
        if (text == null || text.isBlank()) {
            return Map.of();
        }
        try {
            JsonNode value = text.length() > METADATA_MAX ? null : json.readTree(text);
            if (value == null || !Fields.isFree(value)) {
                throw RejectedException.field(METADATA, rule);
            }
            return json.convertValue(value, OBJECT);
        } catch (JsonProcessingException notJson) {
            throw RejectedException.field(METADATA, rule);
        }
    }
}
