package org.caravanserai.retrieval.store;

import static io.qdrant.client.ConditionFactory.hasId;
import static io.qdrant.client.ConditionFactory.matchKeyword;
import static io.qdrant.client.ConditionFactory.matchKeywords;
import static io.qdrant.client.PointIdFactory.id;
import static io.qdrant.client.ValueFactory.value;
import static io.qdrant.client.VectorsFactory.vectors;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.qdrant.client.PointIdFactory;
import io.qdrant.client.QdrantClient;
import io.qdrant.client.QdrantGrpcClient;
import io.qdrant.client.grpc.Collections.CreateCollection;
import io.qdrant.client.grpc.Collections.Distance;
import io.qdrant.client.grpc.Collections.HnswConfigDiff;
import io.qdrant.client.grpc.Collections.KeywordIndexParams;
import io.qdrant.client.grpc.Collections.PayloadIndexParams;
import io.qdrant.client.grpc.Collections.PayloadSchemaType;
import io.qdrant.client.grpc.Collections.VectorParams;
import io.qdrant.client.grpc.Collections.VectorsConfig;
import io.qdrant.client.grpc.Common.Filter;
import io.qdrant.client.grpc.JsonWithInt.Value;
import io.qdrant.client.grpc.Points.PointStruct;
import io.qdrant.client.grpc.Points.QueryPoints;
import io.qdrant.client.grpc.Points.RetrievedPoint;
import io.qdrant.client.grpc.Points.UpdateResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.caravanserai.failure.Circuits;
import org.caravanserai.failure.HubException;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;

/**
 * Qdrant over gRPC. All tenants share the collection of a model; each point says whose it is, every call filters by that,
 * and Qdrant builds a graph for each tenant instead of one over all (its guide to multitenancy). Points hold no text. A
 * tenant's mark is a point of its own, under a tenant's name that no search filters by.
 */
final class QdrantTable implements VectorTable {

    static final String TENANT = "tenant_id";
    private static final String CHANGE_NO = "change_no";
    private static final String LIFE = "life";
    private static final String MARK = "mark:";
    private static final int GRAPH_LINKS = 16;
    private static final Duration CHECK = Duration.ofSeconds(2);

    private final VectorProperties.Qdrant properties;
    private final QdrantClient client;
    private final Circuits circuits;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    QdrantTable(VectorProperties.Qdrant properties, Circuits circuits) {
        this.properties = properties;
        this.circuits = circuits;
        QdrantGrpcClient.Builder grpc = QdrantGrpcClient.newBuilder(
                        properties.host(), properties.port(), properties.tls(), false)
                .withTimeout(properties.timeout());
        if (!properties.apiKey().isBlank()) {
            grpc.withApiKey(properties.apiKey());
        }
        this.client = new QdrantClient(grpc.build());
    }

    @Override
    public String name() {
        return VectorProperties.QDRANT;
    }

    @Override
    public Optional<Mark> mark(UUID tenantId, Space space) {
        List<RetrievedPoint> found = ask(
                () -> client.retrieveAsync(collection(space), List.of(id(markId(tenantId))), true, false, null),
                List.of());
        return found.stream().findFirst().map(point -> {
            Map<String, Value> payload = point.getPayloadMap();
            return new Mark(
                    payload.get(CHANGE_NO).getIntegerValue(), payload.get(LIFE).getStringValue());
        });
    }

    @Override
    public void mark(UUID tenantId, Space space, Mark mark) {
        float[] any = new float[space.dimension()];
        any[0] = 1;
        upsert(
                space,
                List.of(PointStruct.newBuilder()
                        .setId(id(markId(tenantId)))
                        .setVectors(vectors(any))
                        .putPayload(TENANT, value(MARK + tenantId))
                        .putPayload(CHANGE_NO, value(mark.changeNo()))
                        .putPayload(LIFE, value(mark.life()))
                        .build()));
    }

    @Override
    public void put(UUID tenantId, Space space, List<Point> points) {
        upsert(
                space,
                points.stream()
                        .map(point -> PointStruct.newBuilder()
                                .setId(id(point.chunkId()))
                                .setVectors(vectors(point.vector()))
                                .putPayload(TENANT, value(tenantId.toString()))
                                .build())
                        .toList());
    }

    @Override
    public void remove(UUID tenantId, Space space, List<UUID> chunkIds) {
        Filter theirs = ofTenant(tenantId)
                .addMust(hasId(chunkIds.stream().map(PointIdFactory::id).toList()))
                .build();
        ask(() -> client.deleteAsync(collection(space), theirs), UpdateResult.getDefaultInstance());
    }

    @Override
    public List<Near> nearest(UUID tenantId, Space space, float[] question, int limit) {
        QueryPoints query = QueryPoints.newBuilder()
                .setCollectionName(collection(space))
                .setQuery(io.qdrant.client.QueryFactory.nearest(question))
                .setFilter(ofTenant(tenantId))
                .setLimit(limit)
                .build();
        return ask(() -> client.queryAsync(query), List.<io.qdrant.client.grpc.Points.ScoredPoint>of()).stream()
                .map(point -> new Near(UUID.fromString(point.getId().getUuid()), point.getScore()))
                .toList();
    }

    @Override
    public void forget(UUID tenantId, Space kept) {
        Filter all = Filter.newBuilder()
                .addMust(matchKeywords(TENANT, List.of(tenantId.toString(), MARK + tenantId)))
                .build();
        for (String collection : ask(client::listCollectionsAsync, List.<String>of())) {
            boolean ours = collection.startsWith(properties.collection() + "-");
            if (ours && (kept == null || !collection.equals(collection(kept)))) {
                ask(() -> client.deleteAsync(collection, all), UpdateResult.getDefaultInstance());
            }
        }
    }

    @Override
    public void check() {
        await(client.healthCheckAsync(CHECK), CHECK);
    }

    @Override
    public void close() {
        client.close();
    }

    /** One a model and dimension, since a collection holds vectors of one kind. */
    String collection(Space space) {
        String model = space.model().replaceAll("[^a-zA-Z0-9_-]+", "-");
        return properties.collection() + "-" + model.substring(0, Math.min(80, model.length())) + "-"
                + Integer.toHexString(space.model().hashCode()) + "-" + space.dimension();
    }

    private static Filter.Builder ofTenant(UUID tenantId) {
        return Filter.newBuilder().addMust(matchKeyword(TENANT, tenantId.toString()));
    }

    private static UUID markId(UUID tenantId) {
        return UUID.nameUUIDFromBytes((MARK + tenantId).getBytes(StandardCharsets.UTF_8));
    }

    private void upsert(Space space, List<PointStruct> points) {
        String collection = collection(space);
        if (!known.contains(collection)) {
            create(collection, space.dimension());
        }
        if (ask(() -> client.upsertAsync(collection, points), null) == null) {
            throw new RetryableException("Qdrant's collection was removed while it was filled.", null);
        }
    }

    private void create(String collection, int dimension) {
        if (!ask(() -> client.collectionExistsAsync(collection), false)) {
            CreateCollection request = CreateCollection.newBuilder()
                    .setCollectionName(collection)
                    .setVectorsConfig(VectorsConfig.newBuilder()
                            .setParams(
                                    VectorParams.newBuilder().setSize(dimension).setDistance(Distance.Cosine)))
                    .setHnswConfig(HnswConfigDiff.newBuilder().setM(0).setPayloadM(GRAPH_LINKS))
                    .build();
            ask(() -> client.createCollectionAsync(request), null);
        }
        // also where it existed: whoever made it may have died before this
        PayloadIndexParams byTenant = PayloadIndexParams.newBuilder()
                .setKeywordIndexParams(KeywordIndexParams.newBuilder().setIsTenant(true))
                .build();
        ask(
                () -> client.createPayloadIndexAsync(
                        collection, TENANT, PayloadSchemaType.Keyword, byTenant, true, null, null),
                null);
        known.add(collection);
    }

    /** @param ifMissing given back when the collection is not there */
    private <T> T ask(Supplier<ListenableFuture<T>> question, T ifMissing) {
        Circuits.Call call = circuits.enter("vectors", name());
        try {
            T answer = await(question.get(), properties.timeout());
            call.succeeded();
            return answer;
        } catch (Missing gone) {
            call.succeeded();
            known.clear();
            return ifMissing;
        } catch (PermanentException refused) {
            call.succeeded();
            throw refused;
        } catch (HubException away) {
            call.failed(away);
            throw away;
        }
    }

    private static <T> T await(ListenableFuture<T> answer, Duration timeout) {
        try {
            // the deadline of the call itself comes first
            return answer.get(timeout.toMillis() + 1_000, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        } catch (TimeoutException hanging) {
            answer.cancel(true);
            throw new RetryableException("Qdrant did not answer in time.", hanging);
        } catch (ExecutionException failed) {
            throw typed(failed.getCause());
        }
    }

    private static RuntimeException typed(Throwable cause) {
        Status.Code code = cause instanceof StatusRuntimeException refused
                ? refused.getStatus().getCode()
                : Status.Code.UNKNOWN;
        return switch (code) {
            case NOT_FOUND, ALREADY_EXISTS -> new Missing(cause);
            case UNAUTHENTICATED, PERMISSION_DENIED ->
                new PermanentException("Qdrant refuses our key: check HUB_QDRANT_API_KEY and what it may do.", cause);
            case INVALID_ARGUMENT, UNIMPLEMENTED, FAILED_PRECONDITION, OUT_OF_RANGE ->
                new PermanentException(
                        "Qdrant refuses a request of the hub (" + code + "); is it older than 1.11?", cause);
            default -> new RetryableException("Qdrant cannot be reached or is too busy (" + code + ").", cause);
        };
    }

    /** What was asked for is not there, or what was to be made is there already. */
    private static final class Missing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Missing(Throwable cause) {
            super(cause);
        }
    }
}
