package org.caravanserai.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.caravanserai.HubIT;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class TenantBatchesIT extends HubIT {

    private final CountDownLatch open = new CountDownLatch(1);
    private final Set<Integer> begun = ConcurrentHashMap.newKeySet();

    @Test
    void gathersWhatComesWhileATransactionIsUnderWay() throws Exception {
        UUID tenant = newTenant();
        TenantBatches<Integer, Long> batches = new TenantBatches<>(transactions, this::transactionOfEach);

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Long> first = threads.submit(() -> batches.in(tenant, 0));
            await().until(() -> begun.contains(0));
            List<Future<Long>> others = new ArrayList<>();
            for (int i = 1; i <= 20; i++) {
                int number = i;
                others.add(threads.submit(() -> batches.in(tenant, number)));
            }
            // another tenant's does not wait
            assertThat(batches.in(newTenant(), 21)).isPositive();
            open.countDown();

            Set<Long> used = ConcurrentHashMap.newKeySet();
            for (Future<Long> other : others) {
                used.add(other.get(10, TimeUnit.SECONDS));
            }
            assertThat(used).doesNotContain(first.get(10, TimeUnit.SECONDS)).hasSizeLessThan(20);
        }
    }

    @Test
    void letsAPieceThatFailsSpoilOnlyItself() throws Exception {
        UUID tenant = newTenant();
        open.countDown();
        TenantBatches<Integer, Long> batches = new TenantBatches<>(transactions, (jdbc, numbers) -> {
            if (numbers.contains(3)) {
                throw new IllegalArgumentException("three");
            }
            return transactionOfEach(jdbc, numbers);
        });

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> all = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                int number = i;
                all.add(threads.submit(() -> batches.in(tenant, number)));
            }

            for (int i = 0; i < 10; i++) {
                Future<Long> one = all.get(i);
                if (i == 3) {
                    assertThatThrownBy(() -> one.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("three");
                } else {
                    assertThat(one.get(10, TimeUnit.SECONDS)).isPositive();
                }
            }
        }
        assertThat(batches.in(tenant, 11)).isPositive();
    }

    private List<Long> transactionOfEach(JdbcClient jdbc, List<Integer> numbers) {
        begun.addAll(numbers);
        if (numbers.contains(0)) {
            awaitOpen();
        }
        long id = jdbc.sql("select txid_current()").query(Long.class).single();
        return numbers.stream().map(number -> id).toList();
    }

    private void awaitOpen() {
        try {
            assertThat(open.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
