package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import java.time.Duration;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.caravanserai.tenant.BusyDoors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;

class DoorFilterTest {

    private static final FilterChain ANSWERED_LATER = (request, response) -> request.startAsync(request, response);

    private final CamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void start() {
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    @Test
    void countsARequestUntilItIsAnsweredThoughItsThreadHasLeft() throws Exception {
        DoorFilter doors = doors(1, DataSize.ofMegabytes(64));
        MockHttpServletRequest first = post(10);
        doors.doFilter(first, new MockHttpServletResponse(), ANSWERED_LATER);

        MockHttpServletResponse refused = new MockHttpServletResponse();
        doors.doFilter(post(10), refused, ANSWERED_LATER);
        complete(first.getAsyncContext());
        MockHttpServletResponse taken = new MockHttpServletResponse();
        doors.doFilter(post(10), taken, ANSWERED_LATER);

        assertThat(refused.getStatus()).isEqualTo(503);
        assertThat(refused.getHeader("Retry-After")).isEqualTo("5");
        assertThat(taken.getStatus()).isEqualTo(200);
    }

    @Test
    void countsABodyUntilItsRequestIsAnswered() throws Exception {
        DoorFilter doors = doors(10, DataSize.ofKilobytes(8));
        MockHttpServletRequest first = post(6000);
        doors.doFilter(first, new MockHttpServletResponse(), ANSWERED_LATER);

        MockHttpServletResponse refused = new MockHttpServletResponse();
        doors.doFilter(post(6000), refused, ANSWERED_LATER);
        complete(first.getAsyncContext());
        MockHttpServletResponse taken = new MockHttpServletResponse();
        doors.doFilter(post(6000), taken, ANSWERED_LATER);

        assertThat(refused.getStatus()).isEqualTo(503);
        assertThat(taken.getStatus()).isEqualTo(200);
    }

    private DoorFilter doors(int maxConcurrent, DataSize memory) {
        DoorProperties bounds = new DoorProperties(
                Duration.ofMillis(100),
                maxConcurrent,
                memory,
                DataSize.ofMegabytes(1),
                DataSize.ofMegabytes(4),
                DataSize.ofMegabytes(8));
        return new DoorFilter(bounds, new BusyDoors(), camel);
    }

    private static MockHttpServletRequest post(int bytes) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/webhooks/generic/1");
        request.setContent(new byte[bytes]);
        request.setAsyncSupported(true);
        return request;
    }

    /** As the servlet container ends a request. */
    private static void complete(AsyncContext context) throws Exception {
        for (AsyncListener listener : List.copyOf(((MockAsyncContext) context).getListeners())) {
            listener.onComplete(new AsyncEvent(context));
        }
    }
}
