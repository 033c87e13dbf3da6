package org.caravanserai.security;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.session.NullAuthenticatedSessionStrategy;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;

/**
 * The Hawtio console and the Jolokia endpoint that it talks to. A browser cannot send a bearer key by itself, so here the
 * admin key is also the password of the user admin. Since a browser then sends it along with every request, even one that a
 * foreign page made, what changes something must also carry the token of a cookie, as Hawtio does.
 */
@Configuration(proxyBeanMethods = false)
class ConsoleSecurity {

    private static final String USER = "admin";

    @Bean
    @Order(1)
    SecurityFilterChain consoleFilterChain(HttpSecurity http, AdminKey adminKey) throws Exception {
        CsrfTokenRequestAttributeHandler eager = new CsrfTokenRequestAttributeHandler();
        eager.setCsrfRequestAttributeName(null); // the cookie is set with the page, before a script asks for it
        AuthenticationManager admin = given -> admin(given, adminKey);
        // by path alone: Jolokia is a servlet of its own, which Spring MVC's matchers overlook
        PathPatternRequestMatcher.Builder path = PathPatternRequestMatcher.withDefaults();
        return http.securityMatcher(
                        new OrRequestMatcher(path.matcher("/actuator/hawtio/**"), path.matcher("/actuator/jolokia/**")))
                .csrf(csrf -> csrf.csrfTokenRepository(CookieCsrfTokenRepository.withHttpOnlyFalse())
                        .csrfTokenRequestHandler(eager)
                        // each request authenticates anew; Hawtio reads the token once and keeps it
                        .sessionAuthenticationStrategy(new NullAuthenticatedSessionStrategy()))
                .formLogin(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .authenticationManager(admin)
                .httpBasic(basic -> basic.realmName("Caravanserai: user admin, password is the admin key"))
                .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .build();
    }

    private static Authentication admin(Authentication given, AdminKey adminKey) {
        String password = String.valueOf(given.getCredentials());
        if (!adminKey.matches(Digest.sha256(password)) || !USER.equals(given.getName())) {
            throw new BadCredentialsException("The user is admin, the password the admin key.");
        }
        return Caller.admin();
    }
}
