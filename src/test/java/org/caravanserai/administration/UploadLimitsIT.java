package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UploadLimitsIT extends OnApi {

    private static final byte[] MEBIBYTE = new byte[1024 * 1024];

    private Reply upload(NewTenant tenant, String below, String fileName, int mebibytes) {
        String head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + fileName + "\"\r\n\r\n";
        BodyPublisher body = BodyPublishers.concat(
                BodyPublishers.ofString(head),
                BodyPublishers.ofByteArrays(Collections.nCopies(mebibytes, MEBIBYTE)),
                BodyPublishers.ofString("\r\n--b--\r\n"));
        return send(HttpRequest.newBuilder(uri(tenant.path(below)))
                .header("Authorization", "Bearer " + tenant.key())
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(body)
                .build());
    }

    @Test
    void takesAFileOfOneHundredMebibytesAndNoMore() {
        NewTenant tenant = tenantWithKey();

        Reply largest = upload(tenant, "/documents", "large.txt", 100);
        Reply larger = upload(tenant, "/documents", "larger.txt", 101);

        assertThat(largest.status()).isEqualTo(202);
        assertThat(larger.status()).isEqualTo(413);
        assertThat(larger.header("Content-Type")).startsWith("application/problem+json");
        assertThat(get(tenant.path("/documents"), tenant.key()).body().at("/items"))
                .hasSize(1);
        delete(tenant.path("/documents/" + largest.text("/items/0/id")), tenant.key());
    }

    @Test
    void takesPartsOnItsOwnPathOnly() {
        NewTenant tenant = tenantWithKey();

        Reply elsewhere = upload(tenant, "/channels", "a.txt", 3);
        Reply json = post(tenant.path("/documents"), tenant.key(), Map.of("file", "a"));

        assertThat(elsewhere.status()).isEqualTo(415);
        assertThat(json.status()).isEqualTo(415);
        assertThat(elsewhere.header("Content-Type")).startsWith("application/problem+json");
        assertThat(json.header("Content-Type")).startsWith("application/problem+json");
    }

    @Test
    void reducesAFileNameToItsBase() {
        NewTenant tenant = tenantWithKey();

        Reply tricky = upload(tenant, "/documents", "../../etc/passwd.txt", 1);
        Reply nameless = upload(tenant, "/documents", "", 1);
        Reply endless = upload(tenant, "/documents", "x".repeat(300) + ".txt", 1);

        assertThat(tricky.text("/items/0/name")).isEqualTo("passwd.txt");
        assertThat(nameless.status()).isEqualTo(400);
        assertThat(endless.status()).isEqualTo(202);
        assertThat(endless.text("/items/0/name")).hasSizeLessThanOrEqualTo(255);
    }
}
