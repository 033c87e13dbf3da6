package org.caravanserai.security;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.caravanserai.Ids;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;

/** Who may call what. What is not named here is denied. */
@Configuration
@EnableWebSecurity
class SecurityConfiguration {

    private static final String TENANTS = "/api/tenants/";

    /** Doors are open to all and check signatures: none of the filters has anything to do there, and all cost time. */
    @Bean
    @Order(0)
    SecurityFilterChain doorFilterChain() {
        return new DefaultSecurityFilterChain(
                PathPatternRequestMatcher.withDefaults().matcher("/webhooks/**"));
    }

    @Bean
    SecurityFilterChain securityFilterChain(
            HttpSecurity http, KeyGuard guard, ClientAddress addresses, RequestLimits limits, Problems problems)
            throws Exception {
        return http.csrf(AbstractHttpConfigurer::disable) // no cookie carries a right
                .formLogin(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .addFilterBefore(new BearerKeyFilter(guard, addresses, problems), AuthorizationFilter.class)
                .addFilterBefore(new LimitFilter(limits, problems), AuthorizationFilter.class)
                .authorizeHttpRequests(requests -> requests.dispatcherTypeMatchers(
                                DispatcherType.ERROR, DispatcherType.ASYNC, DispatcherType.FORWARD)
                        .permitAll()
                        // pages, which have checks of their own
                        .requestMatchers("/webchat/**", "/demo", "/demo/**")
                        .permitAll()
                        .requestMatchers(
                                HttpMethod.GET,
                                "/api/health",
                                "/api/openapi.json",
                                "/actuator/health/**",
                                "/livez",
                                "/readyz",
                                "/actuator/info",
                                "/actuator/prometheus")
                        .permitAll()
                        .requestMatchers(TENANTS + "*", TENANTS + "*/**")
                        .access((caller, context) ->
                                decision(caller, tenantOf(context.getRequest()).orElse(null)))
                        .requestMatchers("/api/**", "/actuator/**")
                        .access((caller, context) -> decision(caller, null))
                        .anyRequest()
                        .denyAll())
                .exceptionHandling(failures -> failures.authenticationEntryPoint(
                                (request, response, failure) -> BearerKeyFilter.unauthorized(
                                        response, problems, "Send an API key: Authorization: Bearer <key>."))
                        .accessDeniedHandler(denied(problems)))
                .build();
    }

    @Bean
    RequestRejectedHandler requestRejectedHandler(Problems problems) {
        return (request, response, rejected) ->
                problems.write(response, 400, "The request's path or header is malformed.");
    }

    private static AuthorizationDecision decision(Supplier<Authentication> caller, UUID tenantId) {
        return new AuthorizationDecision(
                caller.get() instanceof Caller known && (tenantId == null ? known.isAdmin() : known.mayUse(tenantId)));
    }

    /** What is another tenant's does not exist for this one; that the operator's paths exist is no secret. */
    private static AccessDeniedHandler denied(Problems problems) {
        return (request, response, failure) -> {
            boolean isUnderTenants = request.getRequestURI().startsWith(TENANTS)
                    && SecurityContextHolder.getContext().getAuthentication() instanceof Caller;
            if (isUnderTenants) {
                problems.write(response, 404, "The tenant was not found.");
            } else {
                problems.write(response, 403, "This key may only use what lies under its own /api/tenants/{id}.");
            }
        };
    }

    private static Optional<UUID> tenantOf(HttpServletRequest request) {
        return Ids.parse(request.getRequestURI().substring(TENANTS.length()).split("/", 2)[0]);
    }
}
