package org.caravanserai.security;

import com.google.re2j.Pattern;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses what a page of somebody else has a browser send, before anybody looks at the credentials that the browser may have
 * sent along. A link to the console is followed: it shows a page, and does nothing.
 */
class OwnPages extends OncePerRequestFilter {

    private static final Pattern USUAL_PORT = Pattern.compile(":(80|443)$");

    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private final Problems problems;
    private final String publicAuthority;

    OwnPages(Problems problems, URI publicUrl) {
        this.problems = problems;
        this.publicAuthority = authority(publicUrl.toString());
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (isForeign(request)) {
            problems.write(response, 403, "A page of another site may not call this. Open the console itself.");
            return;
        }
        chain.doFilter(request, response);
    }

    private boolean isForeign(HttpServletRequest request) {
        boolean isLooking = Set.of("GET", "HEAD").contains(request.getMethod());
        boolean isJolokia = ConsolePaths.isJolokia(request);
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !OWN_SITES.contains(site.toLowerCase(Locale.ROOT))) {
            return isJolokia || !isLooking || !isNavigation(request);
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null) {
            return !isOwn(origin, request);
        }
        // browsers that say neither say at least whence
        String referer = request.getHeader(HttpHeaders.REFERER);
        return site == null && referer != null && (isJolokia || !isLooking) && !isOwn(referer, request);
    }

    /** Of the window itself: a frame, an image or a script of a foreign page shows or loads nothing of the console. */
    private static boolean isNavigation(HttpServletRequest request) {
        return request.getHeader(HttpHeaders.ORIGIN) == null
                && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                && "document".equals(request.getHeader("Sec-Fetch-Dest"));
    }

    private boolean isOwn(String url, HttpServletRequest request) {
        String authority = authority(url);
        String host = request.getHeader(HttpHeaders.HOST);
        return !authority.isEmpty()
                && (authority.equals(publicAuthority) || host != null && authority.equals(withoutUsualPort(host)));
    }

    /** Host and port as a browser writes them: without the port where it is that of the scheme. */
    private static String authority(String url) {
        try {
            URI parsed = new URI(url.strip());
            return parsed.getAuthority() == null || parsed.getUserInfo() != null
                    ? ""
                    : withoutUsualPort(parsed.getAuthority());
        } catch (URISyntaxException opaque) { // "null", as sandboxed pages send
            return "";
        }
    }

    private static String withoutUsualPort(String authority) {
        return USUAL_PORT.matcher(authority.strip().toLowerCase(Locale.ROOT)).replaceFirst("");
    }
}
