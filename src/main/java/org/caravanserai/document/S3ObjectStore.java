package org.caravanserai.document;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.aws2.s3.AWS2S3Constants;
import org.apache.camel.component.aws2.s3.AWS2S3Operations;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Keeps objects as {@code <tenant>/<key>} in an S3-compatible bucket, by Camel's aws2-s3 component. A put is written to a
 * file of the hub's home first: its length and digest must be known, and the store takes an object whole or not at all.
 */
class S3ObjectStore implements ObjectStore, AutoCloseable {

    private static final String CLIENT = "objectStoreClient";
    private static final int NOT_FOUND = 404;

    private final S3Client client;
    private final Path scratch;
    private final String uri;
    private final Supplier<CamelContext> camel;
    private ProducerTemplate template;

    /** @param scratch folder for files on their way @param camel asked only once it is up, which needs this store */
    S3ObjectStore(S3Client client, String bucket, Path scratch, Supplier<CamelContext> camel) {
        this.client = client;
        this.scratch = scratch;
        this.uri = "aws2-s3:" + bucket + "?amazonS3Client=#" + CLIENT;
        this.camel = camel;
    }

    @Override
    public Written put(UUID tenantId, String key, InputStream content, long maxBytes) throws IOException {
        String name = ObjectFiles.name(tenantId, key);
        Files.createDirectories(scratch);
        Path file = Files.createTempFile(scratch, "", ".part");
        try {
            Written written = ObjectFiles.write(file, content, maxBytes);
            call(null, Map.of(AWS2S3Constants.KEY, name), file.toFile());
            return written;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Override
    public InputStream open(UUID tenantId, String key) throws IOException {
        return call(AWS2S3Operations.getObject, Map.of(AWS2S3Constants.KEY, ObjectFiles.name(tenantId, key)), null)
                .getMessage()
                .getBody(InputStream.class);
    }

    @Override
    public void delete(UUID tenantId, String key) throws IOException {
        call(AWS2S3Operations.deleteObject, Map.of(AWS2S3Constants.KEY, ObjectFiles.name(tenantId, key)), null);
    }

    @Override
    public void deleteAll(UUID tenantId) throws IOException {
        // a list holds at most 1000; one by one, since not every store takes a request that deletes many
        for (List<String> names = names(tenantId); !names.isEmpty(); names = names(tenantId)) {
            for (String name : names) {
                call(AWS2S3Operations.deleteObject, Map.of(AWS2S3Constants.KEY, name), null);
            }
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private List<String> names(UUID tenantId) throws IOException {
        List<?> found = call(AWS2S3Operations.listObjects, Map.of(AWS2S3Constants.PREFIX, tenantId + "/"), null)
                .getMessage()
                .getBody(List.class);
        return found.stream().map(object -> ((S3Object) object).key()).toList();
    }

    /** @param operation null to put */
    private Exchange call(AWS2S3Operations operation, Map<String, Object> parameters, Object body) throws IOException {
        Map<String, Object> headers = new HashMap<>(parameters);
        if (operation != null) {
            headers.put(AWS2S3Constants.S3_OPERATION, operation);
        }
        Exchange answer = template().request(uri, exchange -> {
            exchange.getMessage().setHeaders(headers);
            exchange.getMessage().setBody(body);
        });
        Exception failure = answer.getException();
        if (failure instanceof S3Exception refused && refused.statusCode() == NOT_FOUND) {
            throw new NoSuchFileException(String.valueOf(parameters.get(AWS2S3Constants.KEY)));
        }
        if (failure != null) {
            throw new IOException("the object store failed: " + failure.getMessage(), failure);
        }
        return answer;
    }

    /** Made at the first call and stopped with Camel. */
    private synchronized ProducerTemplate template() {
        if (template == null) {
            CamelContext context = camel.get();
            context.getRegistry().bind(CLIENT, S3Client.class, client);
            template = context.createProducerTemplate();
        }
        return template;
    }
}
