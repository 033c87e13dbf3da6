package org.caravanserai.retrieval;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caravanserai.startup.StartupFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cross-encoder from an ONNX file, in this process: a BERT or a relative of it, with one score for a pair or two, of
 * which the last is that of "it answers". Its batches run on a few threads of its own, as those of the embedding model do.
 */
final class OnnxReranker implements Reranker {

    private static final Logger LOG = LoggerFactory.getLogger(OnnxReranker.class);
    private static final String IDS = "input_ids";
    private static final String MASK = "attention_mask";
    private static final String TYPES = "token_type_ids";
    private static final String MODEL_FILE = "hub.retrieval.rerank.onnx.model-file (HUB_RERANK_MODEL_FILE)";
    private static final String TOKENIZER_FILE = "hub.retrieval.rerank.onnx.tokenizer-file (HUB_RERANK_TOKENIZER_FILE)";
    /** More than a token has on average in any language; what is beyond would be cut as tokens anyway. */
    private static final int CHARACTERS_PER_TOKEN = 8;

    private final RerankProperties properties;
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final HuggingFaceTokenizer tokenizer;
    private final NativeCalls calls = new NativeCalls();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ExecutorService threads;

    private OnnxReranker(
            RerankProperties properties,
            OrtEnvironment environment,
            OrtSession session,
            HuggingFaceTokenizer tokenizer) {
        this.properties = properties;
        this.environment = environment;
        this.session = session;
        this.tokenizer = tokenizer;
        this.threads = Executors.newFixedThreadPool(
                properties.onnx().threadsOrDefault(),
                Thread.ofPlatform().daemon().name("rerank-", 0).factory());
    }

    /**
     * Loads the model and tries it on two passages.
     *
     * @throws StartupFailure if the files are no cross-encoder and its tokenizer
     */
    static OnnxReranker load(RerankProperties properties) {
        long start = System.nanoTime();
        NativeCalls.keepRuntime();
        HuggingFaceTokenizer tokenizer = tokenizer(properties.onnx());
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        OnnxReranker loaded =
                new OnnxReranker(properties, environment, session(environment, properties.onnx()), tokenizer);
        try {
            loaded.compute("when?", List.of("Now.", "The ferry leaves at noon."));
        } catch (OrtException | RuntimeException unusable) {
            loaded.close();
            throw noModel(properties.onnx().modelFile(), unusable);
        }
        LOG.info("Reranker {} loaded in {} ms", properties.onnx().modelFile(), (System.nanoTime() - start) / 1_000_000);
        return loaded;
    }

    @Override
    public double[] score(String question, List<String> passages) throws IOException, InterruptedException {
        // neighbours in length, since all of a batch are as long as its longest
        List<Integer> order = IntStream.range(0, passages.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> passages.get(i).length()))
                .toList();
        List<Callable<double[]>> batches = new ArrayList<>();
        for (int from = 0; from < order.size(); from += properties.onnx().batchSize()) {
            List<String> batch = places(order, from).map(passages::get).toList();
            batches.add(() -> calls.run(() -> computeUnchecked(question, batch)));
        }
        double[] scores = new double[passages.size()];
        int at = 0;
        for (Future<double[]> batch : inTime(batches)) {
            for (double score : scores(batch)) {
                scores[order.get(at++)] = score;
            }
        }
        return scores;
    }

    @Override
    public String name() {
        return Path.of(properties.onnx().modelFile()).getFileName().toString();
    }

    @Override
    public boolean isOutside() {
        return false;
    }

    /** Waits for the batches that run; those that still wait are refused. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        threads.shutdown();
        if (!calls.close()) {
            return; // released under a running call, it would crash the hub
        }
        try {
            session.close();
        } catch (OrtException failed) {
            LOG.warn("The reranker's model could not be released", failed);
        }
        tokenizer.close();
    }

    private Stream<Integer> places(List<Integer> order, int from) {
        return order.subList(from, Math.min(from + properties.onnx().batchSize(), order.size())).stream();
    }

    private List<Future<double[]>> inTime(List<Callable<double[]>> batches) throws InterruptedException, IOException {
        try {
            return threads.invokeAll(batches, properties.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            throw new IOException("The hub is stopping.", closed);
        }
    }

    private double[] scores(Future<double[]> batch) throws IOException, InterruptedException {
        try {
            return batch.get();
        } catch (CancellationException late) {
            throw new IOException(
                    "The reranker was not done within " + properties.timeout()
                            + ". A smaller hub.retrieval.rerank.depth or model is quicker.",
                    late);
        } catch (ExecutionException failed) {
            throw new IOException("The reranker failed: " + failed.getCause().getMessage(), failed.getCause());
        }
    }

    private double[] computeUnchecked(String question, List<String> passages) {
        try {
            return compute(question, passages);
        } catch (OrtException failed) {
            throw new IllegalStateException(failed.getMessage(), failed);
        }
    }

    private double[] compute(String question, List<String> passages) throws OrtException {
        List<Encoding> pairs = passages.stream()
                .map(passage -> tokenizer.encode(question, bound(passage), true, false))
                .toList();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            Set<String> wanted = session.getInputNames();
            inputs.put(IDS, tensor(pairs, Encoding::getIds));
            inputs.put(MASK, tensor(pairs, Encoding::getAttentionMask));
            if (wanted.contains(TYPES)) {
                inputs.put(TYPES, tensor(pairs, Encoding::getTypeIds));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                if (!(result.get(0) instanceof OnnxTensor logits)) {
                    throw new IllegalStateException("its first output is no tensor");
                }
                return shares(logits, passages.size());
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    /** Padded with zeros to the longest; the mask tells the model what is padding. */
    private OnnxTensor tensor(List<Encoding> pairs, Function<Encoding, long[]> part) throws OrtException {
        int longest =
                pairs.stream().mapToInt(pair -> pair.getIds().length).max().orElse(0);
        LongBuffer values = LongBuffer.allocate(pairs.size() * longest);
        for (Encoding pair : pairs) {
            values.put(Arrays.copyOf(part.apply(pair), longest));
        }
        return OnnxTensor.createTensor(environment, values.flip(), new long[] {pairs.size(), longest});
    }

    /** Of logits of the shape [n], [n, 1] or [n, 2]. */
    private static double[] shares(OnnxTensor logits, int passages) {
        long[] shape = logits.getInfo().getShape();
        int columns = shape.length == 1 ? 1 : (int) shape[shape.length - 1];
        FloatBuffer values = logits.getFloatBuffer();
        boolean isKnown =
                shape.length >= 1 && shape.length <= 2 && shape[0] == passages && columns >= 1 && columns <= 2;
        if (!isKnown || values == null) {
            throw new IllegalStateException("for " + passages + " passages its first output has the shape "
                    + Arrays.toString(shape) + ", not one or two numbers for each");
        }
        double[] shares = new double[passages];
        for (int i = 0; i < passages; i++) {
            // of two, the softmax of the last is the sigmoid of their difference
            double logit = columns == 1 ? values.get(i) : values.get(2 * i + 1) - values.get(2 * i);
            if (Double.isNaN(logit)) {
                throw new IllegalStateException("its output is not a number");
            }
            shares[i] = Reranker.sigmoid(logit);
        }
        return shares;
    }

    private String bound(String passage) {
        int most = CHARACTERS_PER_TOKEN * properties.onnx().maxLength();
        if (passage.length() <= most) {
            return passage;
        }
        return passage.substring(0, Character.isHighSurrogate(passage.charAt(most - 1)) ? most - 1 : most);
    }

    private static OrtSession session(OrtEnvironment environment, RerankProperties.Onnx onnx) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setMemoryPatternOptimization(false); // it keeps a plan for each length that ever came
            OrtSession session = environment.createSession(onnx.modelFile(), options);
            Set<String> inputs = session.getInputNames();
            if (!inputs.contains(IDS)
                    || !inputs.contains(MASK)
                    || !Set.of(IDS, MASK, TYPES).containsAll(inputs)) {
                session.close();
                throw new IllegalStateException("its inputs are " + inputs);
            }
            return session;
        } catch (OrtException | RuntimeException unusable) {
            throw noModel(onnx.modelFile(), unusable);
        }
    }

    private static HuggingFaceTokenizer tokenizer(RerankProperties.Onnx onnx) {
        try {
            return HuggingFaceTokenizer.builder(Map.of("modelMaxLength", onnx.maxLength()))
                    .optTokenizerPath(Path.of(onnx.tokenizerFile()))
                    .optTruncation(true) // of a pair, the longer one
                    .optPadding(false)
                    .optMaxLength(onnx.maxLength())
                    .build();
        } catch (IOException | RuntimeException unusable) {
            throw new StartupFailure(
                    "The property " + TOKENIZER_FILE + " names " + onnx.tokenizerFile() + ", which is no tokenizer: "
                            + unusable.getMessage(),
                    "Write the path of the tokenizer.json that was published with the cross-encoder.");
        }
    }

    private static StartupFailure noModel(String file, Exception unusable) {
        return new StartupFailure(
                "The property " + MODEL_FILE + " names " + file + ", which is no cross-encoder that can be used: "
                        + unusable.getMessage(),
                "Write the path of an ONNX file that takes input_ids, attention_mask and, if it wants them,"
                        + " token_type_ids, all int64, and gives one or two numbers for each pair of texts, such as"
                        + " onnx/model.onnx of cross-encoder/ms-marco-MiniLM-L6-v2.");
    }
}
