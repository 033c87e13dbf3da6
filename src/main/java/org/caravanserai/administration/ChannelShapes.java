package org.caravanserai.administration;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.caravanserai.tenant.ChannelType;

/** Adds to the document what each type of channel has in its config. */
final class ChannelShapes {

    private ChannelShapes() {}

    static void add(OpenAPI document, List<ChannelType> types) {
        Map<String, Schema> schemas = document.getComponents().getSchemas();
        types.forEach(type -> schemas.put(name(type), config(type)));
        List<Schema> all = types.stream()
                .<Schema>map(type -> new Schema<>().$ref("#/components/schemas/" + name(type)))
                .toList();
        Schema<String> type = ApiDocument.string(null);
        types.forEach(each -> type.addEnumItemObject(each.name()));
        for (String channel : List.of("NewChannel", "ChangedChannel", "ChannelView")) {
            Map<String, Schema> properties = schemas.get(channel).getProperties();
            properties.put("config", new Schema<>().anyOf(all));
            properties.put("type", type);
        }
    }

    private static String name(ChannelType type) {
        return type.name().substring(0, 1).toUpperCase(Locale.ROOT)
                + type.name().substring(1) + "Config";
    }

    private static Schema<?> config(ChannelType type) {
        Schema<?> config = new Schema<>().types(Set.of("object"));
        for (ChannelType.Field field : type.fields()) {
            config.addProperty(field.name(), property(field));
        }
        config.setRequired(type.fields().stream()
                .filter(ChannelType.Field::required)
                .map(ChannelType.Field::name)
                .toList());
        config.setAdditionalProperties(false);
        return config;
    }

    private static Schema<?> property(ChannelType.Field field) {
        if (field.kind() == ChannelType.Kind.JSON_PATHS) {
            Schema<?> paths = new Schema<>().types(Set.of("object"));
            paths.setAdditionalProperties(
                    ApiDocument.string(null).description("A JSONPath of names and numbers, such as $.message.text."));
            return paths;
        }
        if (field.kind() == ChannelType.Kind.TEXTS) {
            return new Schema<>().types(Set.of("array")).items(ApiDocument.string(null));
        }
        Schema<String> text =
                ApiDocument.string(field.kind() == ChannelType.Kind.URL ? "uri" : field.secret() ? "password" : null);
        if (field.secret()) {
            text.setDescription("Kept encrypted; read back as \"" + ChannelConfigs.MASK + "\".");
        }
        return text;
    }
}
