package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.limit.Limits;
import org.caravanserai.limit.Refusals;
import org.caravanserai.limit.Taken;
import org.caravanserai.security.ClientAddress;
import org.caravanserai.tenant.Tenants;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The page on which anybody may ask the demo tenant, without a key. It reaches that tenant only, exists only while the
 * demo is on, and answers few at a time.
 */
@RestController
@RequestMapping("/demo")
class DemoController {

    private static final int TEXT_MAX = 2_000;
    private static final int AT_ONCE = 4;
    private static final Map<String, MediaType> FILES = Map.of(
            "index.html", MediaType.TEXT_HTML,
            "demo.js", MediaType.valueOf("text/javascript"),
            "demo.css", MediaType.valueOf("text/css"));
    private static final String NOTHING_FOREIGN =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none';"
                    + " frame-ancestors 'none'; base-uri 'none'";

    private final Demo demo;
    private final Tenants tenants;
    private final AskTenant ask;
    private final Limits limits;
    private final ClientAddress addresses;
    private final Refusals refusals;
    private final Semaphore asked = new Semaphore(AT_ONCE);

    DemoController(
            Demo demo, Tenants tenants, AskTenant ask, Limits limits, ClientAddress addresses, Refusals refusals) {
        this.limits = limits;
        this.addresses = addresses;
        this.refusals = refusals;
        this.demo = demo;
        this.tenants = tenants;
        this.ask = ask;
    }

    @GetMapping
    ResponseEntity<Resource> page() {
        return file("index.html");
    }

    @GetMapping("/{file}")
    ResponseEntity<Resource> file(@PathVariable("file") String file) {
        MediaType type = FILES.get(file);
        if (type == null) {
            throw RejectedException.notFound("The page");
        }
        refuseWhereOff();
        return ResponseEntity.ok()
                .contentType(type)
                .cacheControl(CacheControl.maxAge(Duration.ofMinutes(1)))
                .header("Content-Security-Policy", NOTHING_FOREIGN)
                .body(new ClassPathResource("demo/" + file));
    }

    @PostMapping("/ask")
    AskTenant.Reply ask(@RequestBody JsonNode json, HttpServletRequest request, HttpServletResponse response) {
        refuseWhereOff();
        String text = AskTenant.question(json, TEXT_MAX);
        admit(addresses.group(request), response);
        if (!asked.tryAcquire()) {
            throw RejectedException.limit(
                    "Several questions are being answered. Ask again in a second.", Duration.ofSeconds(1));
        }
        try {
            return ask.ask(Tenants.DEMO, text, null);
        } finally {
            asked.release();
        }
    }

    /** @throws RejectedException 429 if strangers asked so much that it might become dear: this one, or all together */
    private void admit(String address, HttpServletResponse response) {
        Taken taken = limits.anonymousAsksOfAddress().take(address);
        String what = "questions without a key from one address";
        if (taken.isWithin()) {
            taken.tell(response);
            taken = limits.anonymousAsks().take("all");
            what = "questions without a key";
        }
        taken.tell(response);
        if (!taken.isWithin()) {
            refusals.add("questions without a key", address);
        }
        taken.orReject(what);
    }

    private void refuseWhereOff() {
        if (tenants.find(Tenants.DEMO).filter(demo::isOpen).isEmpty()) {
            throw RejectedException.notFound("The demo, which HUB_DEMO=true turns on,");
        }
    }
}
