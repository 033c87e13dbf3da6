package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.caravanserai.failure.RejectedException;
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
    private final Semaphore asked = new Semaphore(AT_ONCE);

    DemoController(Demo demo, Tenants tenants, AskTenant ask) {
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
    AskTenant.Reply ask(@RequestBody JsonNode json) {
        refuseWhereOff();
        String text = AskTenant.question(json, TEXT_MAX);
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

    private void refuseWhereOff() {
        if (tenants.find(Tenants.DEMO).filter(demo::isOpen).isEmpty()) {
            throw RejectedException.notFound("The demo, which HUB_DEMO=true turns on,");
        }
    }
}
