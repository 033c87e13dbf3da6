package org.caravanserai.administration;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.caravanserai.failure.RejectedException;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Refuses query parameters that a handler does not know: a filter that is misspelt must not list everything. */
class KnownParameters implements HandlerInterceptor {

    private static final int SHOWN_MAX = 100;

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getQueryString() != null && handler instanceof HandlerMethod method && isOurs(method)) {
            List<String> known = known(method);
            for (String pair : request.getQueryString().split("&")) {
                String name = decoded(pair.split("=", 2)[0]);
                if (!name.isEmpty() && !known.contains(name)) {
                    throw RejectedException.field(
                            name.substring(0, Math.min(SHOWN_MAX, name.length())),
                            known.isEmpty()
                                    ? "is not known here: this path takes no query parameters."
                                    : "is not known here. Known: " + String.join(", ", known) + ".");
                }
            }
        }
        return true;
    }

    private static boolean isOurs(HandlerMethod method) {
        return method.getBeanType().getPackage() == KnownParameters.class.getPackage();
    }

    private static List<String> known(HandlerMethod method) {
        List<String> known = new ArrayList<>();
        for (MethodParameter parameter : method.getMethodParameters()) {
            if (parameter.getParameterType() == PageRequest.class) {
                known.addAll(List.of("limit", "cursor"));
            } else if (parameter.hasParameterAnnotation(RequestParam.class)) {
                known.add(parameter.getParameter().getName());
            }
        }
        return known;
    }

    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new RejectedException(400, "The query string is malformed: a % must be followed by two hex digits.");
        }
    }
}
