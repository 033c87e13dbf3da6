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
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/**
 * One tenant's chunks on disk: vectors (HNSW) and keywords (BM25). A cache of rows; its commit says up to which change
 * it holds them, of which layout and for which embedding model.
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
    private final String model;
    private final String life;
    private volatile long changeNo;

    private TenantIndex(
            Directory directory,
            IndexWriter writer,
            SearcherManager searchers,
            Terms terms,
            String model,
            String life,
            long changeNo) {
        this.directory = directory;
        this.writer = writer;
        this.searchers = searchers;
        this.terms = terms;
        this.model = model;
        this.life = life;
        this.changeNo = changeNo;
    }

    /**
     * Opens what lies in the folder, emptied if it was not made from this life of the tenant.
     *
     * @throws IOException also if what lies there is damaged
     */
    static TenantIndex open(Path folder, Terms terms, String model, String life) throws IOException {
        BM25Similarity similarity = new BM25Similarity(0.9f, 0.4f);
        IndexWriterConfig config = new IndexWriterConfig(terms.analyzer())
                .setSimilarity(similarity)
                .setRAMBufferSizeMB(RAM_BUFFER_MB)
                .setCommitOnClose(false);
        Directory directory = FSDirectory.open(folder);
        IndexWriter writer = null;
        try {
            writer = new IndexWriter(directory, config);
            long changeNo = committedChange(writer, model, life);
            if (changeNo == 0) {
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
            return new TenantIndex(directory, writer, searchers, terms, model, life, changeNo);
        } catch (IOException | RuntimeException damaged) {
            if (writer != null) {
                writer.rollback();
            }
            directory.close();
            throw damaged;
        }
    }

    /** Up to which change the rows are in here. */
    long changeNo() {
        return changeNo;
    }

    /** False if it holds what the tenant's count of changes knows nothing of. */
    boolean isBehind(ChunkFeed.Clock clock) {
        return changeNo <= clock.changeNo() && life.equals(clock.life());
    }

    /** @param otherwise the language of texts whose own cannot be told */
    void apply(List<ChunkRow> rows, String otherwise) throws IOException {
        Map<UUID, String> languages = languages(rows, otherwise);
        for (ChunkRow row : rows) {
            Term id = new Term(ID, row.id().toString());
            if (row.deleted()) {
                writer.deleteDocuments(id);
            } else {
                writer.updateDocument(id, document(row, languages.get(row.documentId())));
            }
        }
    }

    /** Makes what was applied visible and durable. */
    void commit(long upTo) throws IOException {
        Map<String, String> data =
                Map.of(CHANGE_NO, Long.toString(upTo), MODEL, model, LIFE, life, LAYOUT, THIS_LAYOUT);
        writer.setLiveCommitData(data.entrySet());
        writer.commit();
        searchers.maybeRefreshBlocking();
        changeNo = upTo;
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
        if (row.vector() != null && row.model().equals(model)) {
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

    private static long committedChange(IndexWriter writer, String model, String life) {
        long changeNo = 0;
        boolean ours = false;
        boolean sameModel = false;
        boolean sameLife = false;
        if (writer.getLiveCommitData() != null) {
            for (Map.Entry<String, String> entry : writer.getLiveCommitData()) {
                switch (entry.getKey()) {
                    case CHANGE_NO -> changeNo = Long.parseLong(entry.getValue());
                    case LAYOUT -> ours = entry.getValue().equals(THIS_LAYOUT);
                    case MODEL -> sameModel = entry.getValue().equals(model);
                    case LIFE -> sameLife = entry.getValue().equals(life);
                    default -> ours = false;
                }
            }
        }
        return ours && sameModel && sameLife ? changeNo : 0;
    }

    /** A field holds vectors of one length; a model that is replaced under its name may make others. */
    static String vectorField(int dimension) {
        return "vector" + dimension;
    }

    static UUID uuid(Document document, String field) {
        return UUID.fromString(document.get(field));
    }
}
