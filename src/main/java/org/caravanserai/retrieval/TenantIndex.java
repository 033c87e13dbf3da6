package org.caravanserai.retrieval;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.SearcherFactory;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/**
 * One tenant's chunks: vectors (HNSW) and keywords (BM25). A cache of rows; its commit says up to which change it holds
 * them, of which layout and for which embedding model. One thread writes, any number search.
 */
final class TenantIndex implements Closeable {

    static final String ID = "id";
    static final String DOCUMENT_ID = "documentId";
    static final String NAME = "name";
    static final String POSITION = "position";
    static final String PAGE = "page";
    static final String HEADING = "heading";
    static final String TITLE = "title";
    static final String TEXT = "text";
    static final String CONTENT = "content_";
    static final String LANGUAGE = "language";

    private static final String CHANGE_NO = "changeNo";
    private static final String MODEL = "model";
    private static final String LIFE = "life";
    private static final String LAYOUT = "layout";
    private static final String THIS_LAYOUT = "6";
    private static final double RAM_BUFFER_MB = 48; // fewer, larger segments: merging their graphs is most of a rebuild
    private static final int LANGUAGE_TOLD_BY = 2_000;

    private final Directory directory;
    private final IndexWriter writer;
    private final SearcherManager searchers;
    private final Terms terms;
    private final Made made;
    private volatile long changeNo;
    private long position;
    private long committed;
    private long committedNanos = System.nanoTime();
    private boolean wasWhole;

    /**
     * What an index was made from.
     *
     * @param model whose vectors it holds
     * @param life of the tenant's count of changes, and of its language: {@link ChunkFeed.Clock#life()}
     */
    record Made(String model, String life) {

        static final Made NOTHING = new Made("", "");

        /** Whether its chunks are those of the same tenant, though perhaps of another model, or read in another language. */
        boolean isKin(Made other) {
            return life.split(" ", 2)[0].equals(other.life.split(" ", 2)[0]);
        }
    }

    private TenantIndex(
            Directory directory, IndexWriter writer, SearcherManager searchers, Terms terms, Made made, long changeNo) {
        this.directory = directory;
        this.writer = writer;
        this.searchers = searchers;
        this.terms = terms;
        this.made = made;
        this.changeNo = changeNo;
        this.position = changeNo;
        this.committed = changeNo;
        this.wasWhole = changeNo > 0;
    }

    /**
     * Opens what lies in the folder, whatever it was made from; a new index if there is nothing, or of another layout.
     *
     * @param anew what a new one is made from
     * @throws IOException also if what lies there is damaged
     */
    static TenantIndex open(Path folder, Terms terms, Made anew) throws IOException {
        try {
            return open(FSDirectory.open(folder), terms, anew);
        } catch (IllegalArgumentException | IllegalStateException damaged) {
            throw new IOException("The files of the index make no sense.", damaged); // so Lucene says it of some damage
        }
    }

    /** A small one that is thrown away after a search. */
    static TenantIndex inMemory(Terms terms, Made made) throws IOException {
        return open(new ByteBuffersDirectory(), terms, made);
    }

    private static TenantIndex open(Directory directory, Terms terms, Made anew) throws IOException {
        BM25Similarity similarity = new BM25Similarity(0.9f, 0.4f);
        IndexWriterConfig config = new IndexWriterConfig(terms.analyzer())
                .setSimilarity(similarity)
                .setRAMBufferSizeMB(RAM_BUFFER_MB)
                .setCommitOnClose(false);
        IndexWriter writer = null;
        try {
            writer = new IndexWriter(directory, config);
            Map<String, String> data = commitData(writer);
            boolean isOurs = THIS_LAYOUT.equals(data.get(LAYOUT));
            if (!isOurs) {
                writer.deleteAll();
            }
            SearcherManager searchers = new SearcherManager(writer, new SearcherFactory() {
                @Override
                public IndexSearcher newSearcher(IndexReader reader, IndexReader previous) {
                    IndexSearcher searcher = new IndexSearcher(reader);
                    searcher.setSimilarity(similarity);
                    return searcher;
                }
            });
            return isOurs
                    ? new TenantIndex(
                            directory,
                            writer,
                            searchers,
                            terms,
                            new Made(data.get(MODEL), data.get(LIFE)),
                            Long.parseLong(data.get(CHANGE_NO)))
                    : new TenantIndex(directory, writer, searchers, terms, anew, 0);
        } catch (IOException | RuntimeException damaged) {
            if (writer != null) {
                writer.rollback();
            }
            directory.close();
            throw damaged;
        }
    }

    /** Up to which change searches find the rows in here. */
    long changeNo() {
        return changeNo;
    }

    /** Up to which change the rows were put in here, whether searches find them yet or not. For who writes. */
    long position() {
        return position;
    }

    /** How many changes would be lost if the process ended. For who writes. */
    long uncommitted() {
        return position - committed;
    }

    /** When it was last committed, by {@link System#nanoTime}. For who writes. */
    long committedNanos() {
        return committedNanos;
    }

    /** Whether all rows of one moment were in it once; until then searches find what there is. For who writes. */
    boolean wasWhole() {
        return wasWhole;
    }

    Made made() {
        return made;
    }

    /** @param otherwise the language of texts whose own cannot be told */
    void apply(List<ChunkRow> rows, String otherwise) throws IOException {
        apply(rows, languages(rows, otherwise));
    }

    /** As above, without a look at the texts for their languages, which takes longer than all the rest. */
    void applyAs(List<ChunkRow> rows, String language) throws IOException {
        Map<UUID, String> languages = new HashMap<>();
        rows.forEach(row -> languages.put(row.documentId(), language));
        apply(rows, languages);
    }

    private void apply(List<ChunkRow> rows, Map<UUID, String> languages) throws IOException {
        for (ChunkRow row : rows) {
            Term id = new Term(ID, row.id().toString());
            if (row.deleted()) {
                writer.deleteDocuments(id);
            } else {
                writer.updateDocument(id, document(row, languages.get(row.documentId())));
            }
            position = row.changeNo();
        }
    }

    /** Has searches find what was applied, which is all up to the given change. */
    void show(long upTo) throws IOException {
        position = upTo;
        wasWhole = true;
        showPart();
    }

    /** Has searches find what was applied. */
    void showPart() throws IOException {
        searchers.maybeRefreshBlocking();
        changeNo = position;
    }

    /** Makes what was applied durable, and frees the memory that it took. */
    void commit() throws IOException {
        Map<String, String> data =
                Map.of(CHANGE_NO, Long.toString(position), MODEL, made.model(), LIFE, made.life(), LAYOUT, THIS_LAYOUT);
        writer.setLiveCommitData(data.entrySet());
        writer.commit();
        committed = position;
        committedNanos = System.nanoTime();
    }

    IndexSearcher acquire() throws IOException {
        return searchers.acquire();
    }

    void release(IndexSearcher searcher) throws IOException {
        searchers.release(searcher);
    }

    @Override
    public void close() throws IOException {
        try (directory) {
            searchers.close();
            writer.rollback();
        }
    }

    private Document document(ChunkRow row, String language) {
        Document document = new Document();
        document.add(new StringField(ID, row.id().toString(), Field.Store.YES));
        document.add(new StoredField(DOCUMENT_ID, row.documentId().toString()));
        document.add(new StoredField(NAME, row.documentName()));
        document.add(new StoredField(POSITION, row.position()));
        if (row.page() != null) {
            document.add(new StoredField(PAGE, row.page()));
        }
        row.headings().forEach(heading -> document.add(new StoredField(HEADING, heading)));
        document.add(new StoredField(TITLE, row.title()));
        document.add(new StoredField(TEXT, row.text()));
        document.add(new StoredField(LANGUAGE, language));
        document.add(new TextField(content(language), Terms.normal(row.title() + "\n" + row.text()), Field.Store.NO));
        // a vector of another model says nothing beside this one's; keywords find the chunk until it is indexed again
        if (row.vector() != null && row.model().equals(made.model())) {
            document.add(new KnnFloatVectorField(
                    vectorField(row.vector().length), row.vector(), VectorSimilarityFunction.COSINE));
        }
        return document;
    }

    /** By document: its chunks stand together, and the start of them all tells more than that of each. */
    private Map<UUID, String> languages(List<ChunkRow> rows, String otherwise) {
        Map<UUID, StringBuilder> texts = new LinkedHashMap<>();
        for (ChunkRow row : rows) {
            StringBuilder text = texts.computeIfAbsent(row.documentId(), id -> new StringBuilder(row.title()));
            if (text.length() < LANGUAGE_TOLD_BY) {
                text.append('\n').append(row.text());
            }
        }
        Map<UUID, String> languages = new HashMap<>();
        texts.forEach((id, text) -> languages.put(id, terms.languageOf(text.toString(), otherwise)));
        return languages;
    }

    /** The field that holds the words of a language: each is cut and counted by its own rules. */
    static String content(String language) {
        return CONTENT + language;
    }

    private static Map<String, String> commitData(IndexWriter writer) {
        Map<String, String> data = new HashMap<>();
        if (writer.getLiveCommitData() != null) {
            writer.getLiveCommitData().forEach(entry -> data.put(entry.getKey(), entry.getValue()));
        }
        return data;
    }

    /** A field holds vectors of one length; a model that is replaced under its name may make others. */
    static String vectorField(int dimension) {
        return "vector" + dimension;
    }

    static UUID uuid(Document document, String field) {
        return UUID.fromString(document.get(field));
    }
}
