package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/**
 * A page in one file that needs no network: data as JSON, the code that draws them, the charts of
 * <a href="https://github.com/leeoniya/uPlot">uPlot</a>, and the style that all pages share (dark
 * and light, print, 400 to 2400 pixels).
 *
 * <pre>{@code
 * Page.of("Sweep", Map.of("points", points), Page.text(SweepPage.class, "sweep.js")).toBytes()
 * }</pre>
 *
 * <p>The code finds the data in {@code page.data} and fills {@code page.main}; {@code page.el}
 * makes an element whose texts are texts whatever they hold, {@code page.table} a table, {@code
 * page.chart} a chart with its keys and its text alternative: see {@code page.js}. Only the scripts
 * of this file run in it: a Content Security Policy names their hashes, so a handler in an
 * attribute ({@code onclick="..."}) or a script that a name smuggles in does nothing.
 */
public final class Page {

  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/";

  private final String title;
  private final Map<String, ?> data;
  private final String script;

  private Page(String title, Map<String, ?> data, String script) {
    this.title = title;
    this.data = data;
    this.script = script;
  }

  /**
   * A page.
   *
   * @param title may hold anything
   * @param data as {@link Json} takes them; strings may hold anything
   * @param script JavaScript that fills the page
   */
  public static Page of(String title, Map<String, ?> data, String script) {
    return new Page(title, data, script);
  }

  /** A text file that lies beside a class. */
  public static String text(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The file " + name + " must be beside " + beside);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file, in UTF-8. */
  public byte[] toBytes() {
    String charts =
        "/*\nuPlot 1.6.30, https://github.com/leeoniya/uPlot\n\n"
            + text(Page.class, UPLOT + "LICENSE")
            + "*/\n"
            + text(Page.class, UPLOT + "dist/uPlot.iife.min.js");
    String shared = text(Page.class, "page.js");
    // In the order of the template, each filled once: what is put in is not looked at again.
    StringBuilder page = new StringBuilder();
    String rest = text(Page.class, "page.html");
    rest = fill(page, rest, "{{policy}}", policy(charts, shared, script));
    rest = fill(page, rest, "{{title}}", escape(title));
    rest =
        fill(
            page,
            rest,
            "{{style}}",
            text(Page.class, UPLOT + "dist/uPlot.min.css") + text(Page.class, "page.css"));
    rest = fill(page, rest, "{{data}}", Json.line(data).replace("<", "\\u003c"));
    rest = fill(page, rest, "{{charts}}", charts);
    rest = fill(page, rest, "{{shared}}", shared);
    rest = fill(page, rest, "{{script}}", script);
    return page.append(rest).toString().getBytes(UTF_8);
  }

  /** Writes up to a mark, and its text; returns what comes after the mark. */
  private static String fill(StringBuilder page, String rest, String mark, String text) {
    int at = rest.indexOf(mark);
    page.append(rest, 0, at).append(text);
    return rest.substring(at + mark.length());
  }

  private static String policy(String... scripts) {
    StringBuilder hashes = new StringBuilder();
    for (String script : scripts) {
      hashes.append(" 'sha256-").append(sha256(script)).append('\'');
    }
    return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none';"
        + " form-action 'none'; script-src"
        + hashes;
  }

  private static String sha256(String script) {
    try {
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(script.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
