package org.caravanserai.security;

import jakarta.servlet.http.HttpServletRequest;
import org.caravanserai.HubProperties;
import org.caravanserai.failure.RejectedException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.session.NullAuthenticatedSessionStrategy;
import org.springframework.security.web.authentication.www.BasicAuthenticationFilter;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextHolderFilter;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;

/**
 * The Hawtio console and the Jolokia endpoint that it talks to. A program sends the admin key as a bearer key. A person
 * gives it on a page of the hub's own and gets a session cookie, which a browser sends with requests of that page alone;
 * what they change must also carry the token of a second cookie, as Hawtio does. Basic is taken too, under the same
 * conditions, but never asked for: a browser that was asked would send it along for any page.
 */
@Configuration(proxyBeanMethods = false)
class ConsoleSecurity {

    private static final String USER = "admin";

    @Bean
    @Order(1)
    SecurityFilterChain consoleFilterChain(
            HttpSecurity http,
            KeyGuard guard,
            ClientAddress addresses,
            RequestLimits limits,
            Problems problems,
            HubProperties hub)
            throws Exception {
        SignInPage signIn = new SignInPage(problems);
        AuthenticationManager admin = given -> admin(given, guard);
        return http.securityMatcher(ConsolePaths.ALL)
                .addFilterAfter(new OwnPages(problems, hub.publicUrl()), SecurityContextHolderFilter.class)
                .csrf(csrf -> csrf.csrfTokenRepository(tokens())
                        .csrfTokenRequestHandler(withThePage())
                        .ignoringRequestMatchers(ConsoleSecurity::hasBearerKey)
                        // Hawtio reads the token once and keeps it
                        .sessionAuthenticationStrategy(new NullAuthenticatedSessionStrategy()))
                .addFilterBefore(
                        new BearerKeyFilter(guard, addresses, problems) {
                            @Override
                            protected boolean shouldNotFilter(HttpServletRequest request) {
                                return !hasBearerKey(request);
                            }
                        },
                        BasicAuthenticationFilter.class)
                .authenticationManager(admin)
                .formLogin(form -> form.loginPage(ConsolePaths.CONSOLE)
                        .loginProcessingUrl(ConsolePaths.SIGN_IN)
                        .defaultSuccessUrl(ConsolePaths.CONSOLE + "/", true)
                        .authenticationDetailsSource(addresses::group)
                        .failureHandler(signIn))
                .httpBasic(basic -> basic.authenticationEntryPoint(signIn)
                        .authenticationDetailsSource(addresses::group)
                        // a program's, that sends it each time
                        .securityContextRepository(new RequestAttributeSecurityContextRepository()))
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .exceptionHandling(failures -> failures.authenticationEntryPoint(signIn)
                        .accessDeniedHandler((request, response, failure) -> problems.write(
                                response,
                                403,
                                "Only the admin key may do so, and from a browser only the console's own pages.")))
                .authorizeHttpRequests(requests -> requests.requestMatchers(ConsolePaths.PROXY)
                        .denyAll()
                        .anyRequest()
                        .access((caller, context) ->
                                new AuthorizationDecision(caller.get() instanceof Caller known && known.isAdmin())))
                .addFilterBefore(new LimitFilter(limits, problems), AuthorizationFilter.class)
                .addFilterAfter(new JolokiaRequests(problems), AuthorizationFilter.class)
                .build();
    }

    private static CookieCsrfTokenRepository tokens() {
        CookieCsrfTokenRepository tokens = CookieCsrfTokenRepository.withHttpOnlyFalse();
        tokens.setCookieCustomizer(cookie -> cookie.sameSite("Strict"));
        return tokens;
    }

    /** The cookie is set with the page, before a script asks for it. */
    private static CsrfTokenRequestAttributeHandler withThePage() {
        CsrfTokenRequestAttributeHandler eager = new CsrfTokenRequestAttributeHandler();
        eager.setCsrfRequestAttributeName(null);
        return eager;
    }

    private static boolean hasBearerKey(HttpServletRequest request) {
        String given = request.getHeader(HttpHeaders.AUTHORIZATION);
        return given != null && given.regionMatches(true, 0, "Bearer ", 0, "Bearer ".length());
    }

    private static Authentication admin(Authentication given, KeyGuard guard) {
        String address = String.valueOf(given.getDetails());
        String password = String.valueOf(given.getCredentials());
        try {
            if (!USER.equals(given.getName())) {
                throw guard.malformed(password, address);
            }
            return guard.admin(password, address);
        } catch (RejectedException wrong) {
            throw new BadCredentialsException("The user is admin, the password the admin key.", wrong);
        }
    }
}
