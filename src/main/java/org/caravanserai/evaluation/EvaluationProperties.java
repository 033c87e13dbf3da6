package org.caravanserai.evaluation;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * A measurement instead of a running hub.
 *
 * @param collection a folder in BEIR's layout whose retrieval is measured
 * @param split which judgements: {@code qrels/<split>.tsv}
 * @param withoutZeroGraded whether what is judged as grade 0 is taken out of every ranking, as for collections that grade a
 *     question's own source so
 * @param weights further weights of the vector leg to measure, 0 to 1; the keyword leg gets the rest
 * @param questions a YAML file of questions whose answers are checked
 * @param chunkSize in tokens; 0 takes a tenant's default
 * @param chunks how many made-up chunks to measure latency over
 * @param rate searches a second over those
 * @param seconds how long
 * @param seed of the bootstrap and of what is made up
 */
@Validated
@ConfigurationProperties(EvaluationProperties.PREFIX)
record EvaluationProperties(
        Path collection,
        @DefaultValue("test") String split,
        boolean withoutZeroGraded,
        @DefaultValue List<Double> weights,
        Path questions,

        @DefaultValue("0")
        @Min(value = 0, message = "write a number from 32 to 500, or 0 for the default")
        @Max(value = 500, message = "write a number from 32 to 500, or 0 for the default")
        int chunkSize,

        @DefaultValue("0")
        @Min(value = 0, message = "write a number from 1000 to 10000000, or leave it out")
        @Max(value = 10_000_000, message = "write a number from 1000 to 10000000, or leave it out")
        int chunks,

        @DefaultValue("20")
        @Min(value = 1, message = "write a number from 1 to 1000")
        @Max(value = 1_000, message = "write a number from 1 to 1000")
        int rate,

        @DefaultValue("60")
        @Min(value = 1, message = "write a number from 1 to 3600")
        @Max(value = 3_600, message = "write a number from 1 to 3600")
        int seconds,

        @DefaultValue("42") long seed) {

    static final String PREFIX = "hub.evaluation";

    @AssertTrue(
            message =
                    "is no folder with corpus.jsonl, queries.jsonl and qrels/; write the path of one in BEIR's layout")
    boolean isCollectionInBeirLayout() {
        return collection == null
                || Files.isRegularFile(collection.resolve("corpus.jsonl"))
                        && Files.isRegularFile(collection.resolve("queries.jsonl"))
                        && Files.isDirectory(collection.resolve("qrels"));
    }

    @AssertTrue(message = "are not all from 0 to 1; write for example 0.5,0.7,0.9")
    boolean isEveryWeightInRange() {
        return weights.stream().allMatch(weight -> weight >= 0 && weight <= 1);
    }

    @AssertTrue(message = "is no file that can be read; write the path of a YAML file of questions")
    boolean isQuestionsReadable() {
        return questions == null || Files.isReadable(questions) && Files.isRegularFile(questions);
    }

    /** Whether anything is to be measured. */
    boolean isAsked() {
        return collection != null || questions != null || chunks > 0;
    }
}
