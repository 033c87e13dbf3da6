package org.caravanserai.retrieval;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/**
 * A question's words against one state of an index. Chunks of each language are asked by that language's terms of the
 * question; when the question's own language is sure, a hit in another one counts less, since its words may mean
 * something else there.
 */
final class Keywords {

    private static final int MAX_QUERY_TERMS = 256;
    private static final float OTHER_LANGUAGE = 0.3f;

    private final Map<String, Map<String, Integer>> byLanguage = new LinkedHashMap<>();
    private final Map<String, Relevance> relevance = new HashMap<>();
    private final Terms terms;
    private final String own;

    private Keywords(Terms terms, String own) {
        this.terms = terms;
        this.own = own;
    }

    /** @param question bounded */
    static Keywords of(String question, IndexSearcher searcher, Terms terms) throws IOException {
        Keywords keywords = new Keywords(terms, terms.languageOf(question, null));
        IndexReader reader = searcher.getIndexReader();
        for (String language : terms.languages().stream().sorted().toList()) {
            String field = TenantIndex.content(language);
            int chunks = reader.getDocCount(field);
            if (chunks == 0) {
                continue;
            }
            Map<String, Integer> found = terms.of(question, language, MAX_QUERY_TERMS);
            Map<String, Integer> frequencies = new HashMap<>();
            for (String term : found.keySet()) {
                frequencies.put(term, reader.docFreq(new Term(field, term)));
            }
            keywords.byLanguage.put(language, found);
            keywords.relevance.put(language, new Relevance(frequencies, chunks, terms.functionWords(language)));
        }
        return keywords;
    }

    boolean isEmpty() {
        return byLanguage.values().stream().allMatch(Map::isEmpty);
    }

    /** Any of the terms, as often as the question has it. */
    Query query() {
        BooleanQuery.Builder any = new BooleanQuery.Builder();
        byLanguage.forEach((language, found) -> found.forEach((term, count) -> {
            Query one = new TermQuery(new Term(TenantIndex.content(language), term));
            float weight = count * weight(language);
            any.add(weight == 1 ? one : new BoostQuery(one, weight), BooleanClause.Occur.SHOULD);
        }));
        return any.build();
    }

    /** How sure it is that a chunk has to do with the question. @param cosine null if it is not known */
    double relevance(Double cosine, String language, String text) {
        Relevance ofLanguage = relevance.get(language);
        Set<String> words = terms.of(text, language).keySet();
        return ofLanguage == null
                ? new Relevance(Map.of(), 0, Set.of()).of(cosine, words)
                : ofLanguage.of(cosine, words);
    }

    private float weight(String language) {
        return own == null || own.equals(language) || !byLanguage.containsKey(own) ? 1 : OTHER_LANGUAGE;
    }
}
