package org.caravanserai.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.filter.OncePerRequestFilter;

/** With a management port of its own the port for everybody knows nothing of what the other shows. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class ManagementPort {

    /** A filter of this context is none of the management port's, which has a context of its own. */
    @Bean
    FilterRegistrationBean<OncePerRequestFilter> managementIsElsewhere(Problems problems) {
        FilterRegistrationBean<OncePerRequestFilter> elsewhere =
                new FilterRegistrationBean<>(new OncePerRequestFilter() {
                    @Override
                    protected void doFilterInternal(
                            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                            throws IOException {
                        problems.write(response, 404, "There is nothing here; see the management port.");
                    }
                });
        elsewhere.addUrlPatterns("/actuator", "/actuator/*");
        elsewhere.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return elsewhere;
    }
}
