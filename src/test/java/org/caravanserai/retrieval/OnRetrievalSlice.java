package org.caravanserai.retrieval;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;

/** Runs a class on {@link RetrievalSlice}; all that do share one context, with the routes that need no broker. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
        classes = RetrievalSlice.class,
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = {
            "hub.home=target/it-home/${fork:1}/retrieval",
            "camel.main.routes-include-pattern=file:routes/conversation/retrieve.camel.yaml,"
                    + "file:routes/conversation/embed-question.camel.yaml,"
                    + "file:routes/policy/leave-out.camel.yaml,"
                    + "file:routes/conversation/ask-model.camel.yaml,"
                    + "file:routes/tools/search-knowledge-base.camel.yaml,"
                    + "file:routes/tools/hand-over-to-human.camel.yaml,"
                    + "file:routes/tools/get-conversation-facts.camel.yaml"
        })
public @interface OnRetrievalSlice {}
