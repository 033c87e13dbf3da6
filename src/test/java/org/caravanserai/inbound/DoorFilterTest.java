package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
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
import org.caravanserai.door.Connections;
import org.caravanserai.failure.RareWarnings;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.security.ClientAddress;
import org.caravanserai.security.Problems;
import org.caravanserai.tenant.BusyDoors;
import org.caravanserai.tenant.Channels;
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
    private final HeadOfBrass head = new HeadOfBrass();
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
                from("platform-http:/webhooks/brass?httpMethodRestrict=POST").to("log:shared");
                from("platform-http:/webhooks/brass/{channelId}?httpMethodRestrict=POST")
                        .to("log:own");
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

    @Test
    void takesNoMemoryForWhatCannotBeSigned() throws Exception {
        answer.countDown();
        DoorFilter doors = doors(1, DataSize.ofBytes(10));
        MockHttpServletRequest unsigned = new MockHttpServletRequest("POST", "/webhooks/brass");
        unsigned.setContent(new byte[100_000]);
        MockHttpServletRequest large = new MockHttpServletRequest("POST", "/webhooks/brass");
        large.setContent(new byte[1024 * 1024 + 1]);

        assertThat(through(doors, unsigned).getStatus()).isEqualTo(401);
        assertThat(through(doors, large).getStatus()).as("comes first").isEqualTo(413);
        assertThat(unsigned.getInputStream().read()).as("all of it was read").isEqualTo(-1);
    }

    @Test
    void takesNoMemoryForAnUnknownChannel() throws Exception {
        answer.countDown();
        DoorFilter doors = doors(1, DataSize.ofBytes(10));
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/webhooks/brass/no-id");
        request.setContent(new byte[2 * 1024 * 1024]);

        assertThat(through(doors, request).getStatus()).as("whatever its size").isEqualTo(404);
    }

    /** Refuses every event at its door. */
    private static final class HeadOfBrass implements DoorHead {

        @Override
        public String channelType() {
            return "brass";
        }

        @Override
        public void check(HttpServletRequest request) {
            throw new RejectedException(401, "Unsigned.");
        }
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
                maxConcurrent,
                memory,
                memory,
                DataSize.ofMegabytes(1),
                DataSize.ofMegabytes(4),
                DataSize.ofMegabytes(8));
        ClientAddress callers = mock(ClientAddress.class);
        when(callers.group(any(HttpServletRequest.class))).thenReturn("127.0.0.1");
        return new DoorFilter(
                bounds,
                new BusyDoors(),
                routes,
                mock(DoorLimits.class),
                camel,
                new OpenDoor(mock(Channels.class)),
                new AnswerProblem(new Problems(new ObjectMapper()), new RareWarnings(), mock(DoorLimits.class)),
                callers,
                mock(Connections.class),
                List.of(head));
    }

    private static MockHttpServletRequest post(int bytes) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/webhooks/generic/1");
        request.setContent(new byte[bytes]);
        return request;
    }
}
