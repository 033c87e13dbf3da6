package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.caravanserai.HubProperties;
import org.caravanserai.tenant.ChannelType;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.HandlerMethod;

/**
 * The API's own document, OpenAPI 3.1. Paths, parameters and answers come from the controllers; this adds what they share:
 * the key, pages, the bodies that {@link Fields} reads, and problems.
 */
@Configuration
class ApiDocument {

    private static final String KEY = "key";
    private static final String SCHEMAS = "#/components/schemas/";

    ApiDocument() {
        SpringDocUtils.getConfig()
                .addRequestWrapperToIgnore(PageRequest.class)
                .replaceWithClass(JsonNode.class, Object.class)
                .replaceWithSchema(Duration.class, string("duration"));
    }

    @Bean
    OpenAPI openApi(HubProperties hub, ObjectProvider<BuildProperties> build) {
        return new OpenAPI()
                .info(new Info()
                        .title("Caravanserai")
                        .description("Administration API. The admin key may do all; a tenant's key only what lies under"
                                + " its own /api/tenants/{t}. Unknown fields are refused; secrets are shown once and"
                                + " read back as \"" + ChannelConfigs.MASK + "\", which in a PUT keeps them.")
                        .version(build.stream()
                                .map(BuildProperties::getVersion)
                                .findFirst()
                                .orElse("development")))
                .addServersItem(new Server().url(hub.publicUrl().toString()))
                .addSecurityItem(new SecurityRequirement().addList(KEY))
                .schemaRequirement(
                        KEY,
                        new SecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .description("The admin key, or a tenant's API key."));
    }

    @Bean
    OperationCustomizer operationsOfTheApi() {
        return (operation, handler) -> {
            String what = handler.getBeanType().getSimpleName().replace("Controller", "");
            operation.setTags(List.of(what));
            operation.setOperationId(what.toLowerCase(Locale.ROOT)
                    + capitalised(handler.getMethod().getName()));
            if (Arrays.stream(handler.getMethodParameters())
                    .anyMatch(parameter -> parameter.getParameterType() == PageRequest.class)) {
                pages(operation);
            }
            body(operation, handler);
            if (handler.getBeanType() == HealthController.class) {
                operation.setSecurity(List.of(new SecurityRequirement(), new SecurityRequirement().addList(KEY)));
            }
            return operation;
        };
    }

    /** Runs once, when the document is first asked for. */
    @Bean
    OpenApiCustomizer partsOfTheApi(List<ChannelType> channelTypes) {
        return document -> {
            for (Class<?> shape : Bodies.class.getDeclaredClasses()) {
                Map<String, Schema> read = ModelConverters.getInstance(true).readAll(new AnnotatedType(shape));
                read.forEach(document.getComponents()::addSchemas);
            }
            new ApiProblems(document).addToAll();
            ChannelShapes.add(document, channelTypes);
            events(document);
            Paths sorted = new Paths();
            new TreeMap<>(document.getPaths()).forEach(sorted::addPathItem);
            document.setPaths(sorted);
        };
    }

    private static void events(OpenAPI document) {
        Schema<String> event = string(null);
        WebhookRows.EVENTS.forEach(event::addEnumItemObject);
        for (String name : List.of("NewWebhook", "ChangedWebhook")) {
            Map<String, Schema> properties =
                    document.getComponents().getSchemas().get(name).getProperties();
            properties.get("events").setItems(event);
        }
    }

    private static void pages(Operation operation) {
        Schema<Integer> limit = new Schema<>();
        limit.types(Set.of("integer"));
        limit.setMinimum(BigDecimal.ONE);
        limit.setMaximum(BigDecimal.valueOf(PageRequest.MAX_LIMIT));
        limit.setDefault(PageRequest.DEFAULT_LIMIT);
        operation.addParametersItem(new Parameter().in("query").name("limit").schema(limit));
        operation.addParametersItem(new Parameter()
                .in("query")
                .name("cursor")
                .schema(string(null))
                .description("The nextCursor of the page before, of this same list."));
    }

    private static void body(Operation operation, HandlerMethod handler) {
        Shape shape = handler.getMethodAnnotation(Shape.class);
        if (shape == null) {
            return;
        }
        String type = shape.value() == Bodies.NewDocuments.class ? "multipart/form-data" : "application/json";
        Schema<?> schema = new Schema<>().$ref(SCHEMAS + shape.value().getSimpleName());
        operation.setRequestBody(new RequestBody()
                .required(true)
                .content(new Content().addMediaType(type, new MediaType().schema(schema))));
    }

    static Schema<String> string(String format) {
        Schema<String> schema = new Schema<>();
        schema.types(Set.of("string"));
        schema.setFormat(format);
        return schema;
    }

    private static String capitalised(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }
}
