package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JavaType;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.RecordComponent;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Component;

/**
 * Tells the API's document which fields of a record are always there and which may be null. In an answer, what is written
 * only when it is not null may be absent, and what is {@link Nullable} may be null; in a request, what is {@link Nullable}
 * may be left out.
 */
@Component
class RecordShapes implements ModelConverter {

    @Override
    public Schema<?> resolve(AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
        Schema<?> resolved = chain.hasNext() ? chain.next().resolve(type, context, chain) : null;
        JavaType java = Json.mapper().constructType(type.getType());
        if (resolved != null && java != null && java.getRawClass().isRecord()) {
            Schema<?> whole = resolved.get$ref() == null
                    ? resolved
                    : context.getDefinedModels()
                            .get(resolved.get$ref().substring(resolved.get$ref().lastIndexOf('/') + 1));
            if (whole != null && whole.getProperties() != null) {
                describe(java.getRawClass(), whole);
            }
        }
        return resolved;
    }

    private static void describe(Class<?> type, Schema<?> whole) {
        boolean isRequest = type.getEnclosingClass() == Bodies.class;
        List<RecordComponent> components = List.of(type.getRecordComponents());
        whole.setRequired(components.stream()
                .filter(component -> isAlwaysThere(component, isRequest))
                .map(RecordComponent::getName)
                .toList());
        if (isRequest || type.getPackageName().endsWith(".tenant")) {
            whole.setAdditionalProperties(false); // what a request may hold; more is refused
        }
        if (!isRequest) {
            Map<String, Schema> properties = whole.getProperties();
            components.stream()
                    .filter(RecordShapes::isNullable)
                    .map(RecordComponent::getName)
                    .forEach(name -> properties.computeIfPresent(name, (n, schema) -> orNull(schema)));
        }
    }

    private static boolean isAlwaysThere(RecordComponent component, boolean isRequest) {
        boolean isLeftOut = Stream.<AnnotatedElement>of(
                        component, component.getAccessor(), component.getDeclaringRecord())
                .map(element -> element.getAnnotation(JsonInclude.class))
                .anyMatch(rule -> rule != null && rule.value() == JsonInclude.Include.NON_NULL);
        return component.getType().isPrimitive() || !isLeftOut && !(isRequest && isNullable(component));
    }

    private static boolean isNullable(RecordComponent component) {
        return component.getAccessor().isAnnotationPresent(Nullable.class);
    }

    private static Schema<?> orNull(Schema<?> schema) {
        Schema<?> nothing = new Schema<>().types(Set.of("null"));
        if (schema.get$ref() != null) {
            return new Schema<>().anyOf(List.of(schema, nothing));
        }
        if (schema.getTypes() != null) {
            schema.setTypes(Stream.concat(schema.getTypes().stream(), Stream.of("null"))
                    .collect(Collectors.toCollection(LinkedHashSet::new)));
        }
        return schema;
    }
}
