package org.caravanserai.tool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.springframework.stereotype.Component;

/** The steps of the route {@code tools-call-http} on both sides of the call. */
@Component("httpTool")
public class HttpTool {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z_]\\w*)\\}");
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");
    private static final Set<String> STEERING = Set.of(
            "host", "connection", "content-length", "transfer-encoding", "content-encoding", "upgrade", "te", "expect");
    private static final int MAX_SHOWN = 500;

    private final ObjectMapper json;

    HttpTool(ObjectMapper json) {
        this.json = json;
    }

    /**
     * An endpoint of a tenant's, what is to be known of the contact filled in.
     *
     * @param url with {@code {argument}} in its path or query
     * @param body fields that are the tenant's, whatever the model writes
     */
    public record Endpoint(String method, String url, Map<String, String> headers, Map<String, String> body) {}

    /**
     * What is wrong with a URL as a template; null if nothing is. Where it leads must be the tenant's choice, so nothing of
     * scheme and host may be an argument.
     */
    public static String problem(String url) {
        int authority = url.indexOf("://");
        int end = authority < 0 ? -1 : firstOf(url, authority + 3);
        boolean isFixed = end >= 0 && url.substring(0, end).indexOf('{') < 0;
        return isFixed
                ? ContactFields.problem(url)
                : "must begin with https:// and a host without {arguments}, such as https://example.com/orders/{number}.";
    }

    private static int firstOf(String url, int from) {
        for (int i = from; i < url.length(); i++) {
            if ("/?#".indexOf(url.charAt(i)) >= 0) {
                return i;
            }
        }
        return url.length();
    }

    /** The URL with every argument replaced by a letter, to be checked as a URL. */
    public static String example(String url) {
        return PLACEHOLDER.matcher(ContactFields.example(url)).replaceAll("x");
    }

    /** Fills the template: each argument is escaped where it stands; what the URL does not name goes in a JSON body. */
    public void request(
            @Body Map<String, Object> arguments,
            @ExchangeProperty(HttpTools.ENDPOINT) Endpoint endpoint,
            @ExchangeProperty("HubToolKey") String key,
            Exchange exchange)
            throws JsonProcessingException {
        Set<String> used = new HashSet<>();
        Matcher names = PLACEHOLDER.matcher(endpoint.url());
        StringBuilder filled = new StringBuilder();
        while (names.find()) {
            used.add(names.group(1));
            names.appendReplacement(filled, Matcher.quoteReplacement(escaped(arguments.get(names.group(1)))));
        }
        String url = names.appendTail(filled).toString();
        Map<String, Object> rest = new LinkedHashMap<>(arguments);
        rest.keySet().removeIf(name -> used.contains(name) || isTheTenants(name, endpoint.body()));
        rest.putAll(endpoint.body());
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        endpoint.headers().forEach((name, value) -> {
            if (isSendable(name)) {
                message.setHeader(name, value);
            }
        });
        message.setHeader("Idempotency-Key", key);
        message.setHeader("Accept", "application/json, text/plain;q=0.9, */*;q=0.5");
        message.setHeader(Exchange.HTTP_URI, url);
        message.setHeader(Exchange.HTTP_METHOD, endpoint.method());
        if (WITH_BODY.contains(endpoint.method())) {
            message.setHeader(Exchange.CONTENT_TYPE, "application/json");
            message.setBody(json.writeValueAsBytes(rest));
        } else {
            message.setBody(null);
        }
    }

    /** Whether a tenant may set the header: not those by which Camel or the connection is steered. */
    public static boolean isSendable(String header) {
        String name = header.toLowerCase(Locale.ROOT);
        return !name.startsWith("camel") && !STEERING.contains(name);
    }

    /**
     * Whether an argument would take the place of a field that the hub fills in. In any case of letters: some systems read
     * both as the same.
     */
    static boolean isTheTenants(String argument, Map<String, String> fixed) {
        return argument.toLowerCase(Locale.ROOT).startsWith("contact.")
                || fixed.keySet().stream().anyMatch(argument::equalsIgnoreCase);
    }

    /** A value that goes into a header as it is. */
    static String inHeader(String value) {
        boolean isPlain = value.equals(value.strip()) && value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        if (!isPlain) {
            throw new ToolException("What is known of the contact cannot be sent in a header.");
        }
        return value;
    }

    static String escaped(Object value) {
        String text = value == null ? "" : value.toString();
        if (text.equals(".") || text.equals("..")) {
            throw new ToolException("An argument must not be a path of its own.");
        }
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** @throws ToolException with the beginning of the answer, unless it is a 2xx */
    public String answer(Exchange exchange) {
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        String body = message.getBody(String.class);
        message.removeHeaders("*");
        String text = body == null ? "" : body;
        if (status / 100 == 2) {
            return text;
        }
        throw new ToolException("The endpoint answered " + status + ": "
                + (text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN)));
    }
}
