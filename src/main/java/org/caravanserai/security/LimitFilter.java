package org.caravanserai.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Answers 429 to requests above their limit. Stands behind what finds out whose key it is. */
class LimitFilter extends OncePerRequestFilter {

    private static final int TOO_MANY = 429;

    private final RequestLimits limits;
    private final Problems problems;

    LimitFilter(RequestLimits limits, Problems problems) {
        this.limits = limits;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String refusal = limits.refusal(request, response);
        if (refusal == null) {
            chain.doFilter(request, response);
        } else {
            problems.write(response, TOO_MANY, refusal);
        }
    }
}
