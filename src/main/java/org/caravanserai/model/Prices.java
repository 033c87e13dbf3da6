package org.caravanserai.model;

import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.TokenUsage;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.caravanserai.startup.StartupFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.stereotype.Component;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** What models cost, from prices.yaml in the folder of settings, which the operator may edit. Checked at start. */
@Component
class Prices {

    private static final Logger LOG = LoggerFactory.getLogger(Prices.class);
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final int DECIMALS = 9; // a token of the cheapest model costs 5e-9 dollars
    private static final Set<String> FIELDS =
            Set.of("model", "provider", "input", "cachedInput", "cacheWrite", "output", "since", "source");
    // gpt-4o-mini-2024-07-18 and claude-haiku-4-5-20251001 cost what the name without the date costs
    private static final Pattern DATE = Pattern.compile("[-@](\\d{4}-\\d{2}-\\d{2}|\\d{8}|latest)$");
    private static final int NAMED_ONCE_MAX = 1_000;

    private final Map<String, Price> prices;
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();

    /** In US dollars for a million tokens. */
    record Price(BigDecimal input, BigDecimal cachedInput, BigDecimal cacheWrite, BigDecimal output) {

        static final Price FREE = new Price(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

        /** @param tokens what a call took, with what of its input was in the provider's cache if that is told */
        BigDecimal of(TokenUsage tokens) {
            BigDecimal cost = times(output, Tokens.output(tokens));
            int plain = Tokens.input(tokens);
            if (tokens instanceof OpenAiTokenUsage usage
                    && usage.inputTokensDetails() != null
                    && usage.inputTokensDetails().cachedTokens() != null) {
                int cached = Math.min(plain, usage.inputTokensDetails().cachedTokens());
                plain -= cached;
                cost = cost.add(times(cachedInput, cached));
            }
            if (tokens instanceof AnthropicTokenUsage usage) {
                int read = Tokens.or0(usage.cacheReadInputTokens());
                int written = Tokens.or0(usage.cacheCreationInputTokens());
                plain -= read + written; // Tokens.input counts all three
                cost = cost.add(times(cachedInput, read)).add(times(cacheWrite, written));
            }
            return rounded(cost.add(times(input, plain)));
        }

        BigDecimal of(int inputTokens, int outputTokens) {
            return rounded(times(input, inputTokens).add(times(output, outputTokens)));
        }

        private static BigDecimal times(BigDecimal price, int tokens) {
            return price.multiply(BigDecimal.valueOf(tokens)).divide(MILLION, MathContext.DECIMAL64);
        }

        private static BigDecimal rounded(BigDecimal cost) {
            return cost.setScale(DECIMALS, RoundingMode.HALF_UP).stripTrailingZeros();
        }
    }

    @Autowired
    Prices(ResourceLoader resources, @Value("${hub.config-dir:classpath:config}") String config) {
        this(resources.getResource((config.endsWith("/") ? config : config + "/") + "prices.yaml"));
    }

    /** @throws StartupFailure if a price is wrong; says which and what to write */
    Prices(Resource file) {
        this.prices = file.exists() ? read(file) : Map.of();
        if (prices.isEmpty()) {
            LOG.warn("There are no prices in {}: no call of a model has a cost, and no budget stops one.", file);
        }
    }

    /** The price of a model; nothing if it has none, which is logged once. */
    Optional<Price> of(String provider, String model) {
        Optional<Price> price = find(provider, model);
        if (price.isPresent()) {
            return price;
        }
        if (unknown.size() < NAMED_ONCE_MAX && unknown.add(provider + "/" + model)) {
            LOG.warn(
                    "The price of model \"{}\" of {} is not in prices.yaml: its calls are counted without a cost,"
                            + " and no budget stops them.",
                    model,
                    provider);
        }
        return Optional.empty();
    }

    /** The price of a model; nothing if it has none. */
    Optional<Price> find(String provider, String model) {
        String name = DATE.matcher(model).replaceFirst("");
        return Stream.of(provider + "/" + model, model, provider + "/" + name, name)
                .map(prices::get)
                .filter(Objects::nonNull)
                .findFirst();
    }

    private static Map<String, Price> read(Resource file) {
        Map<String, Price> prices = new HashMap<>();
        try (InputStream in = file.getInputStream()) {
            LoaderOptions bounds = new LoaderOptions();
            bounds.setAllowDuplicateKeys(false);
            bounds.setMaxAliasesForCollections(20);
            Object tree = new Yaml(new SafeConstructor(bounds)).load(in);
            if (!(tree instanceof Map<?, ?> root) || !(root.get("prices") instanceof List<?> list)) {
                throw wrong(file, "needs a list named prices.");
            }
            int i = 0;
            for (Object one : list) {
                String place = "prices[" + i++ + "]";
                if (!(one instanceof Map<?, ?> fields)) {
                    throw wrong(file, place + " must be an object with model, input, output, since and source.");
                }
                add(prices, file, place, fields);
            }
            return prices;
        } catch (YAMLException broken) {
            throw wrong(file, "is no valid YAML: " + broken.getMessage());
        } catch (IOException unreadable) {
            throw wrong(file, "cannot be read: " + unreadable.getMessage());
        }
    }

    private static void add(Map<String, Price> prices, Resource file, String place, Map<?, ?> fields) {
        for (Object name : fields.keySet()) {
            if (!FIELDS.contains(String.valueOf(name))) {
                throw wrong(
                        file,
                        place + "." + name + " is not known. Known: "
                                + FIELDS.stream().sorted().toList() + ".");
            }
        }
        String model = text(file, place + ".model", fields.get("model"));
        text(file, place + ".source", fields.get("source"));
        date(file, place + ".since", fields.get("since"));
        BigDecimal input = price(file, place + ".input", fields.get("input"), null);
        Price price = new Price(
                input,
                price(file, place + ".cachedInput", fields.get("cachedInput"), input),
                price(file, place + ".cacheWrite", fields.get("cacheWrite"), input),
                price(file, place + ".output", fields.get("output"), null));
        Object provider = fields.get("provider");
        if (prices.put(provider == null ? model : provider + "/" + model, price) != null) {
            throw wrong(file, place + " has the price of " + model + " a second time.");
        }
    }

    private static String text(Resource file, String place, Object value) {
        if (value instanceof String text && !text.isBlank()) {
            return text.strip();
        }
        throw wrong(file, place + " must be a text.");
    }

    private static void date(Resource file, String place, Object value) {
        try {
            LocalDate date = value instanceof Date parsed
                    ? parsed.toInstant().atZone(ZoneOffset.UTC).toLocalDate()
                    : LocalDate.parse(String.valueOf(value));
            LOG.trace("{} is of {}", place, date);
        } catch (DateTimeException noDate) {
            throw wrong(file, place + " must be the day from which on the price is right, such as 2026-08-05.");
        }
    }

    private static BigDecimal price(Resource file, String place, Object value, BigDecimal otherwise) {
        if (value == null && otherwise != null) {
            return otherwise;
        }
        if (value instanceof Number number) {
            BigDecimal price = new BigDecimal(number.toString());
            if (price.signum() >= 0 && price.compareTo(BigDecimal.valueOf(100_000)) < 0) {
                return price;
            }
        }
        throw wrong(file, place + " must be a number of US dollars for a million tokens, such as 0.15.");
    }

    private static StartupFailure wrong(Resource file, String what) {
        return new StartupFailure(
                "The prices " + file.getDescription() + ": " + what,
                "Mend the file; config/README.md says how a price is written.");
    }
}
