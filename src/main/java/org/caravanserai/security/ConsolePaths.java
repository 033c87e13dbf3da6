package org.caravanserai.security;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** Where the console is. By path alone: Jolokia is a servlet of its own, which Spring MVC's matchers overlook. */
final class ConsolePaths {

    static final String CONSOLE = "/actuator/hawtio";
    static final String SIGN_IN = CONSOLE + "/sign-in";
    static final RequestMatcher JOLOKIA =
            new OrRequestMatcher(matcher("/actuator/jolokia/**"), matcher(CONSOLE + "/jolokia/**"));
    static final RequestMatcher ALL = new OrRequestMatcher(matcher(CONSOLE + "/**"), matcher("/actuator/jolokia/**"));

    /** Hawtio's own proxy to other agents, which would make the hub call any port of its machine. */
    static final RequestMatcher PROXY = matcher(CONSOLE + "/proxy/**");

    private ConsolePaths() {}

    static boolean isJolokia(HttpServletRequest request) {
        return JOLOKIA.matches(request);
    }

    private static RequestMatcher matcher(String pattern) {
        return PathPatternRequestMatcher.withDefaults().matcher(pattern);
    }
}
