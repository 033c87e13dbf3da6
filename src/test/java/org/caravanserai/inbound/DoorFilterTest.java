package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.springboot.SpringBootPlatformHttpEngine;
import org.apache.camel.impl.DefaultCamelContext;
import org.caravanserai.tenant.BusyDoors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;

class DoorFilterTest {

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final DoorRoutes routes = new DoorRoutes(camel);
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    private Duration bodyTimeout = Duration.ofSeconds(20);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void start() throws Exception {
        PlatformHttpComponent http = new PlatformHttpComponent(camel);
        http.setEngine(new SpringBootPlatformHttpEngine(8080, Runnable::run));
        camel.addComponent("platform-http", http);
        routes.afterSingletonsInstantiated();
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/webhooks/generic/{channelId}?httpMethodRestrict=POST")
                        .routeId("slow")
                        .process(exchange -> {
                            inside.countDown();
                            assertThat(answer.await(20, TimeUnit.SECONDS)).isTrue();
                        })
                        .setBody(constant("stored"));
                from("platform-http:/webhooks/generic/shared?httpMethodRestrict=GET,POST")
                        .setHeader(Exchange.HTTP_RESPONSE_CODE, constant(202));
            }
        });
        camel.start();
    }

    @AfterEach
    void stop() {
        answer.countDown();
        threads.close();
        camel.stop();
    }

    @Test
    void countsARequestUntilItIsAnswered() throws Exception {
        DoorFilter doors = doors(1, DataSize.ofMegabytes(64));
        Future<MockHttpServletResponse> first = threads.submit(() -> through(doors, post(10)));
        assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();

        MockHttpServletResponse refused = through(doors, post(10));
        answer.countDown();

        assertThat(first.get().getStatus()).isEqualTo(200);
        assertThat(refused.getStatus()).isEqualTo(503);
        assertThat(refused.getHeader("Retry-After")).isEqualTo("5");
        assertThat(through(doors, post(10)).getStatus()).isEqualTo(200);
    }

    @Test
    void countsABodyUntilItsRequestIsAnswered() throws Exception {
        DoorFilter doors = doors(10, DataSize.ofKilobytes(8));
        Future<MockHttpServletResponse> first = threads.submit(() -> through(doors, post(6000)));
        assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();

        MockHttpServletResponse refused = through(doors, post(6000));
        answer.countDown();

        assertThat(first.get().getStatus()).isEqualTo(200);
        assertThat(refused.getStatus()).isEqualTo(503);
        assertThat(through(doors, post(6000)).getStatus()).isEqualTo(200);
    }

    @Test
    void asksForItAgainWhileTheRouteIsStopped() throws Exception {
        answer.countDown();
        DoorFilter doors = doors(10, DataSize.ofMegabytes(64));
        camel.getRouteController().stopRoute("slow");

        MockHttpServletResponse refused = through(doors, post(10));
        camel.getRouteController().startRoute("slow");

        assertThat(refused.getStatus()).isEqualTo(503);
        assertThat(through(doors, post(10)).getStatus()).isEqualTo(200);
    }

    @Test
    void takesTheMostParticularOfTheRoutes() throws Exception {
        DoorFilter doors = doors(10, DataSize.ofMegabytes(64));

        MockHttpServletResponse taken = through(doors, new MockHttpServletRequest("GET", "/webhooks/generic/shared"));

        assertThat(taken.getStatus()).isEqualTo(202);
    }

    @Test
    void leavesToOthersWhatNoRouteIsFor() throws Exception {
        DoorFilter doors = doors(10, DataSize.ofMegabytes(64));
        MockFilterChain others = new MockFilterChain();

        doors.doFilter(
                new MockHttpServletRequest("DELETE", "/webhooks/generic/1"), new MockHttpServletResponse(), others);

        assertThat(others.getRequest()).isNotNull();
    }

    /** Its place would be taken as long as it likes, and as much memory as it announces. */
    @Test
    void answers408ToABodyThatDoesNotComeInTime() throws Exception {
        answer.countDown();
        bodyTimeout = Duration.ZERO;
        DoorFilter hasty = doors(1, DataSize.ofMegabytes(64));

        MockHttpServletResponse late = through(hasty, post(10));
        MockHttpServletResponse withoutBody =
                through(hasty, new MockHttpServletRequest("GET", "/webhooks/generic/shared"));

        assertThat(late.getStatus()).isEqualTo(408);
        assertThat(late.getContentType()).isEqualTo("application/problem+json");
        assertThat(late.getHeader("Connection")).isEqualTo("close");
        assertThat(withoutBody.getStatus()).isEqualTo(202);
    }

    private static MockHttpServletResponse through(DoorFilter doors, MockHttpServletRequest request) throws Exception {
        MockHttpServletResponse response = new MockHttpServletResponse();
        doors.doFilter(request, response, new MockFilterChain());
        return response;
    }

    private DoorFilter doors(int maxConcurrent, DataSize memory) {
        DoorProperties bounds = new DoorProperties(
                Duration.ofMillis(100),
                bodyTimeout,
                maxConcurrent,
                memory,
                DataSize.ofMegabytes(1),
                DataSize.ofMegabytes(4),
                DataSize.ofMegabytes(8));
        return new DoorFilter(bounds, new BusyDoors(), routes, mock(DoorLimits.class), camel);
    }

    private static MockHttpServletRequest post(int bytes) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/webhooks/generic/1");
        request.setContent(new byte[bytes]);
        return request;
    }
}
