package org.caravanserai.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.caravanserai.failure.RejectedException;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.util.HtmlUtils;

/**
 * Where an operator gives the admin key for the console. A browser is never asked for a password of its own kind (Basic),
 * which it would send along with the requests of any page.
 */
class SignInPage implements AuthenticationEntryPoint, AuthenticationFailureHandler {

    private static final String CONTENT_ONLY =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private final Problems problems;
    private final String page;

    SignInPage(Problems problems) {
        this.problems = problems;
        try {
            this.page = new ClassPathResource("console/sign-in.html").getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException missing) {
            throw new UncheckedIOException("the jar holds no page to sign in on", missing);
        }
    }

    /** A program gets a problem, a person the page. */
    @Override
    public void commence(HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
            throws IOException {
        if (refusedGuess(response, failure)) {
            return;
        }
        String accepted = request.getHeader(HttpHeaders.ACCEPT);
        boolean isPerson = accepted != null && accepted.contains(MediaType.TEXT_HTML_VALUE);
        if (isPerson && !ConsolePaths.isJolokia(request)) {
            write(request, response, "");
        } else {
            BearerKeyFilter.unauthorized(response, problems, "Send the admin key: Authorization: Bearer <key>.");
        }
    }

    @Override
    public void onAuthenticationFailure(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
            throws IOException {
        if (refusedGuess(response, failure)) {
            return;
        }
        write(request, response, "<p role=\"alert\">That is not the admin key.</p>");
    }

    /** Where too many keys were wrong, it is told when to try again. */
    private boolean refusedGuess(HttpServletResponse response, AuthenticationException failure) throws IOException {
        if (failure.getCause() instanceof RejectedException refused
                && refused.retryAfter().isPresent()) {
            problems.write(response, refused);
            return true;
        }
        return false;
    }

    private void write(HttpServletRequest request, HttpServletResponse response, String message) throws IOException {
        CsrfToken token = (CsrfToken) request.getAttribute(CsrfToken.class.getName());
        response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        response.setContentType("text/html;charset=UTF-8");
        response.setHeader("Content-Security-Policy", CONTENT_ONLY);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        byte[] html = page.replace("<!--MESSAGE-->", message)
                .replace("<!--TOKEN-->", token == null ? "" : HtmlUtils.htmlEscape(token.getToken()))
                .getBytes(StandardCharsets.UTF_8);
        response.getOutputStream().write(html);
    }
}
