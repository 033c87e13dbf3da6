package org.caravanserai.administration;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.door.Connections;
import org.caravanserai.security.ClientAddress;
import org.caravanserai.security.Problems;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.format.FormatterRegistry;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** What all controllers of the API share: strict ids, pages, known tenants, bounded bodies. */
@Configuration
class WebConfiguration implements WebMvcConfigurer {

    private static final int AFTER_SECURITY = 0;

    private final KnownTenants knownTenants;
    private final RequestLimit requestLimit;

    WebConfiguration(KnownTenants knownTenants, RequestLimit requestLimit) {
        this.knownTenants = knownTenants;
        this.requestLimit = requestLimit;
    }

    @Override
    public void addFormatters(FormatterRegistry registry) {
        registry.addConverter(String.class, UUID.class, text -> Ids.parse(text)
                .orElseThrow(() -> new IllegalArgumentException("not an id")));
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(knownTenants).addPathPatterns("/api/tenants/**");
        registry.addInterceptor(requestLimit).addPathPatterns("/api/tenants/**");
        registry.addInterceptor(new KnownParameters()).addPathPatterns("/api/**");
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new PageRequestResolver());
    }

    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimitFilter(
            Problems problems, ClientAddress callers, Connections connections, ApiProperties bounds) {
        FilterRegistrationBean<BodyLimitFilter> registration =
                new FilterRegistrationBean<>(new BodyLimitFilter(problems, callers, connections, bounds));
        registration.addUrlPatterns("/*"); // the demo page and the actuator read bodies too
        registration.setOrder(AFTER_SECURITY);
        return registration;
    }

    private static final class PageRequestResolver implements HandlerMethodArgumentResolver {

        @Override
        public boolean supportsParameter(MethodParameter parameter) {
            return parameter.getParameterType() == PageRequest.class;
        }

        @Override
        public PageRequest resolveArgument(
                MethodParameter parameter,
                ModelAndViewContainer container,
                NativeWebRequest request,
                WebDataBinderFactory binders) {
            HttpServletRequest http = request.getNativeRequest(HttpServletRequest.class);
            return PageRequest.of(http.getRequestURI(), request.getParameter("limit"), request.getParameter("cursor"));
        }
    }
}
