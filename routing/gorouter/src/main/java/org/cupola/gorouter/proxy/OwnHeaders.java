package org.cupola.gorouter.proxy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.cupola.gorouter.proxy.HeaderRules.Line;

/** Headers and body of the router's own answers, whatever version of HTTP carries them. */
final class OwnHeaders {
    private OwnHeaders() {}

    /** All but date, length and connection; after the configured rewriting. */
    static List<Line> of(Exchange exchange, Answer answer) {
        HeaderRules rules = exchange.loop().settings().headers();
        List<Line> lines = new ArrayList<>(6);
        if (!answer.cacheControl().isEmpty()) {
            lines.add(new Line("Cache-Control", answer.cacheControl()));
        }
        if (answer.retryAfter() > 0) {
            lines.add(new Line("Retry-After", Integer.toString(answer.retryAfter())));
        }
        if (answer.healthCheck()) {
            lines.add(new Line("Expires", "0"));
        }
        if (answer.page()) {
            boolean html = answer.templated() && rules.errorTemplate() != null;
            lines.add(new Line("Content-Type", html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"));
            lines.add(new Line("X-Content-Type-Options", "nosniff"));
        }
        if (!answer.routerError().isEmpty()) {
            lines.add(new Line("X-Cf-Routererror", answer.routerError().replaceAll("[\\x00-\\x1f\\x7f]", " ")));
        }
        AltSvc http3 = exchange.client().altSvc();
        if (http3 != null && !AltSvc.isRuled(rules)) {
            lines.add(new Line(AltSvc.NAME, http3.value()));
        }
        if (rules.rewritesResponses()) {
            lines.removeIf(line -> rules.removes(line.name()));
            for (Line added : rules.added()) {
                if (lines.stream().noneMatch(line -> line.name().equals(added.name()))) {
                    lines.add(added);
                }
            }
        }
        return lines;
    }

    static byte[] body(Exchange exchange, Answer answer, List<Line> lines) {
        ErrorTemplate template = exchange.loop().settings().headers().errorTemplate();
        String text = answer.body();
        if (answer.templated() && template != null && text != null) {
            text = template.render(new ErrorTemplate.Page(
                    answer.status(),
                    text.strip(),
                    name -> lines.stream()
                            .filter(line -> line.name().equalsIgnoreCase(name))
                            .map(Line::value)
                            .findFirst()
                            .orElse("")));
        }
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }
}
