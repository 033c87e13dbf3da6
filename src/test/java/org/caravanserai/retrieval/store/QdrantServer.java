package org.caravanserai.retrieval.store;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.qdrant.client.grpc.Collections.CollectionDescription;
import io.qdrant.client.grpc.Collections.CollectionExists;
import io.qdrant.client.grpc.Collections.CollectionExistsRequest;
import io.qdrant.client.grpc.Collections.CollectionExistsResponse;
import io.qdrant.client.grpc.Collections.CollectionOperationResponse;
import io.qdrant.client.grpc.Collections.CreateCollection;
import io.qdrant.client.grpc.Collections.ListCollectionsRequest;
import io.qdrant.client.grpc.Collections.ListCollectionsResponse;
import io.qdrant.client.grpc.CollectionsGrpc;
import io.qdrant.client.grpc.Common.Condition;
import io.qdrant.client.grpc.Common.FieldCondition;
import io.qdrant.client.grpc.Common.Filter;
import io.qdrant.client.grpc.Common.PointId;
import io.qdrant.client.grpc.Points.CreateFieldIndexCollection;
import io.qdrant.client.grpc.Points.DeletePoints;
import io.qdrant.client.grpc.Points.GetPoints;
import io.qdrant.client.grpc.Points.GetResponse;
import io.qdrant.client.grpc.Points.PointStruct;
import io.qdrant.client.grpc.Points.PointsOperationResponse;
import io.qdrant.client.grpc.Points.QueryPoints;
import io.qdrant.client.grpc.Points.QueryResponse;
import io.qdrant.client.grpc.Points.RetrievedPoint;
import io.qdrant.client.grpc.Points.ScoredPoint;
import io.qdrant.client.grpc.Points.UpdateResult;
import io.qdrant.client.grpc.Points.UpdateStatus;
import io.qdrant.client.grpc.Points.UpsertPoints;
import io.qdrant.client.grpc.Points.Vector;
import io.qdrant.client.grpc.PointsGrpc;
import io.qdrant.client.grpc.QdrantGrpc;
import io.qdrant.client.grpc.QdrantOuterClass.HealthCheckReply;
import io.qdrant.client.grpc.QdrantOuterClass.HealthCheckRequest;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * A Qdrant made of the client's own service stubs, on a loopback port. It really keeps points, filters, and compares by
 * cosine; it refuses what Qdrant refuses: unknown collections, wrong dimensions, a wrong key, filters without an index
 * (strict mode).
 */
final class QdrantServer implements AutoCloseable {

    static final String KEY = "qdrant-key";

    private static final Metadata.Key<String> API_KEY = Metadata.Key.of("api-key", Metadata.ASCII_STRING_MARSHALLER);

    private record Collection(CreateCollection asked, Map<PointId, PointStruct> points, Set<String> indexes) {}

    private final Map<String, Collection> collections = new ConcurrentHashMap<>();
    private final AtomicReference<Status> failure = new AtomicReference<>();
    private final Server server;

    QdrantServer() {
        try {
            server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                    .addService(new CollectionCalls())
                    .addService(new PointCalls())
                    .addService(new HealthCalls())
                    .intercept(new Door())
                    .build()
                    .start();
        } catch (IOException noPort) {
            throw new IllegalStateException(noPort);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getPort();
    }

    /** Every call fails so from now on; null ends it. */
    void failWith(Status status) {
        failure.set(status);
    }

    void lose() {
        collections.clear();
    }

    /** How the collections were asked for. */
    List<CreateCollection> created() {
        return collections.values().stream().map(Collection::asked).toList();
    }

    /** The points of all collections. */
    List<PointStruct> points() {
        return collections.values().stream()
                .flatMap(collection -> collection.points.values().stream())
                .toList();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    /** The key is asked for, as by a server that has one. */
    private final class Door implements ServerInterceptor {
        @Override
        public <A, B> ServerCall.Listener<A> interceptCall(
                ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
            Status refused = KEY.equals(headers.get(API_KEY)) ? failure.get() : Status.UNAUTHENTICATED;
            if (refused != null) {
                call.close(refused, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }

    private final class CollectionCalls extends CollectionsGrpc.CollectionsImplBase {
        @Override
        public void create(CreateCollection request, StreamObserver<CollectionOperationResponse> answer) {
            Collection made = new Collection(request, new ConcurrentHashMap<>(), ConcurrentHashMap.newKeySet());
            if (collections.putIfAbsent(request.getCollectionName(), made) != null) {
                answer.onError(Status.ALREADY_EXISTS.asRuntimeException());
                return;
            }
            reply(
                    answer,
                    CollectionOperationResponse.newBuilder().setResult(true).build());
        }

        @Override
        public void list(ListCollectionsRequest request, StreamObserver<ListCollectionsResponse> answer) {
            ListCollectionsResponse.Builder all = ListCollectionsResponse.newBuilder();
            collections
                    .keySet()
                    .forEach(name -> all.addCollections(
                            CollectionDescription.newBuilder().setName(name)));
            reply(answer, all.build());
        }

        @Override
        public void collectionExists(CollectionExistsRequest request, StreamObserver<CollectionExistsResponse> answer) {
            boolean exists = collections.containsKey(request.getCollectionName());
            reply(
                    answer,
                    CollectionExistsResponse.newBuilder()
                            .setResult(CollectionExists.newBuilder().setExists(exists))
                            .build());
        }
    }

    private final class PointCalls extends PointsGrpc.PointsImplBase {
        @Override
        public void upsert(UpsertPoints request, StreamObserver<PointsOperationResponse> answer) {
            with(request.getCollectionName(), answer, collection -> {
                long size = collection.asked.getVectorsConfig().getParams().getSize();
                if (request.getPointsList().stream().anyMatch(p -> vector(p).length != size)) {
                    throw Status.INVALID_ARGUMENT
                            .withDescription("Wrong input: Vector dimension error")
                            .asRuntimeException();
                }
                request.getPointsList().forEach(point -> collection.points.put(point.getId(), point));
                return done();
            });
        }

        @Override
        public void delete(DeletePoints request, StreamObserver<PointsOperationResponse> answer) {
            with(request.getCollectionName(), answer, collection -> {
                Filter filter = request.getPoints().getFilter();
                collection.points.values().removeIf(point -> matches(collection, filter, point));
                return done();
            });
        }

        @Override
        public void get(GetPoints request, StreamObserver<GetResponse> answer) {
            with(request.getCollectionName(), answer, collection -> {
                GetResponse.Builder found = GetResponse.newBuilder();
                for (PointId id : request.getIdsList()) {
                    PointStruct point = collection.points.get(id);
                    if (point != null) {
                        found.addResult(RetrievedPoint.newBuilder().setId(id).putAllPayload(point.getPayloadMap()));
                    }
                }
                return found.build();
            });
        }

        @Override
        public void query(QueryPoints request, StreamObserver<QueryResponse> answer) {
            with(request.getCollectionName(), answer, collection -> {
                List<Float> asked = request.getQuery().getNearest().getDense().getDataList();
                float[] question = new float[asked.size()];
                IntStream.range(0, question.length).forEach(i -> question[i] = asked.get(i));
                QueryResponse.Builder found = QueryResponse.newBuilder();
                collection.points.values().stream()
                        .filter(point -> matches(collection, request.getFilter(), point))
                        .map(point -> ScoredPoint.newBuilder()
                                .setId(point.getId())
                                .setScore(cosine(question, vector(point)))
                                .build())
                        .sorted(Comparator.comparing(ScoredPoint::getScore).reversed())
                        .limit(request.getLimit())
                        .forEach(found::addResult);
                return found.build();
            });
        }

        @Override
        public void createFieldIndex(
                CreateFieldIndexCollection request, StreamObserver<PointsOperationResponse> answer) {
            with(request.getCollectionName(), answer, collection -> {
                if (!request.getFieldIndexParams().getKeywordIndexParams().getIsTenant()) {
                    throw Status.INVALID_ARGUMENT.asRuntimeException();
                }
                collection.indexes.add(request.getFieldName());
                return done();
            });
        }
    }

    private static final class HealthCalls extends QdrantGrpc.QdrantImplBase {
        @Override
        public void healthCheck(HealthCheckRequest request, StreamObserver<HealthCheckReply> answer) {
            reply(answer, HealthCheckReply.newBuilder().setTitle("stand-in").build());
        }
    }

    private <T> void with(String name, StreamObserver<T> answer, java.util.function.Function<Collection, T> work) {
        Collection collection = collections.get(name);
        if (collection == null) {
            answer.onError(Status.NOT_FOUND
                    .withDescription("Not found: Collection `" + name + "` doesn't exist!")
                    .asRuntimeException());
            return;
        }
        try {
            reply(answer, work.apply(collection));
        } catch (io.grpc.StatusRuntimeException refused) {
            answer.onError(refused);
        }
    }

    private static <T> void reply(StreamObserver<T> answer, T value) {
        answer.onNext(value);
        answer.onCompleted();
    }

    private static PointsOperationResponse done() {
        return PointsOperationResponse.newBuilder()
                .setResult(UpdateResult.newBuilder().setStatus(UpdateStatus.Completed))
                .build();
    }

    private static boolean matches(Collection collection, Filter filter, PointStruct point) {
        if (filter.getMustCount() == 0 || filter.getShouldCount() > 0 || filter.getMustNotCount() > 0) {
            throw Status.UNIMPLEMENTED.asRuntimeException();
        }
        return filter.getMustList().stream().allMatch(must -> matches(collection, must, point));
    }

    private static boolean matches(Collection collection, Condition must, PointStruct point) {
        if (must.hasHasId()) {
            return must.getHasId().getHasIdList().contains(point.getId());
        }
        FieldCondition field = must.getField();
        if (!collection.indexes.contains(field.getKey())) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("Index required but not found for \"" + field.getKey() + "\"")
                    .asRuntimeException();
        }
        String value = point.getPayloadOrThrow(field.getKey()).getStringValue();
        return field.getMatch().hasKeywords()
                ? field.getMatch().getKeywords().getStringsList().contains(value)
                : field.getMatch().getKeyword().equals(value);
    }

    @SuppressWarnings("deprecation") // the client fills the older field, as it does for every server
    private static float[] vector(PointStruct point) {
        Vector vector = point.getVectors().getVector();
        List<Float> numbers = vector.hasDense() ? vector.getDense().getDataList() : vector.getDataList();
        float[] array = new float[numbers.size()];
        IntStream.range(0, array.length).forEach(i -> array[i] = numbers.get(i));
        return array;
    }

    private static float cosine(float[] a, float[] b) {
        double dot = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            lengthA += a[i] * a[i];
            lengthB += b[i] * b[i];
        }
        return (float) (dot / Math.sqrt(lengthA * lengthB));
    }
}
