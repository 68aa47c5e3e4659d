package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Chromium without a window, driven by its DevTools protocol over a web socket, which takes
 * no driver beside it. Whatever a page writes to its console as an error, throws, or is refused by
 * its policy is kept.
 */
public final class Browser implements AutoCloseable {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int PATIENCE_SECONDS = 60;

  private final Process process;
  private final WebSocket socket;
  private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
  private final List<String> errors = new ArrayList<>();
  private String session;
  private int asked;

  private Browser(Process process, String address) {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address), new Listener())
            .join();
  }

  /** The program, if this machine has it. */
  public static Optional<Path> find() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(
            name -> Stream.of(System.getenv("PATH").split(":", -1)).map(dir -> Path.of(dir, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts it with a page from disk. */
  public static Browser open(Path program, Path profile, Path page) throws IOException {
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "about:blank")
            .redirectErrorStream(true)
            .start();
    BufferedReader lines = process.inputReader(UTF_8);
    String address = null;
    for (String line = lines.readLine(); line != null && address == null; line = lines.readLine()) {
      int at = line.indexOf("ws://");
      address = at < 0 ? null : line.substring(at);
    }
    if (address == null) {
      throw new IOException("Chromium must say where it listens, and ended");
    }
    Browser browser = new Browser(process, address);
    String target =
        browser.ask("Target.createTarget", Map.of("url", "about:blank")).get("targetId").asText();
    browser.session =
        browser
            .ask("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .get("sessionId")
            .asText();
    browser.ask("Runtime.enable", Map.of());
    browser.ask("Log.enable", Map.of());
    browser.ask("Page.enable", Map.of());
    browser.ask("Page.navigate", Map.of("url", page.toUri().toString()));
    browser.await("document.readyState === 'complete'");
    return browser;
  }

  /** What a page's expression gives; a promise is awaited. */
  public JsonNode evaluate(String expression) {
    JsonNode answer =
        ask(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
    }
    return answer.get("result").path("value");
  }

  /** Waits until an expression is true. */
  public void await(String expression) {
    for (int i = 0; i < 20 * PATIENCE_SECONDS; i++) {
      if (evaluate(expression).asBoolean()) {
        return;
      }
      pause(50);
    }
    throw new AssertionError("never true: " + expression);
  }

  /** Makes the window so wide, dark or light, and waits until it is drawn. */
  public void show(int width, int height, boolean dark) {
    ask(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    ask(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    frames();
  }

  /** Lets the page draw twice. */
  public void frames() {
    evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => "
            + "setTimeout(done, 50))))");
  }

  /** Moves the mouse to the middle of the first element that a selector finds. */
  public void hover(String selector) {
    mouse("mouseMoved", selector);
    frames();
  }

  /** Clicks on it. */
  public void click(String selector) {
    mouse("mouseMoved", selector);
    mouse("mousePressed", selector);
    mouse("mouseReleased", selector);
    frames();
  }

  private void mouse(String type, String selector) {
    JsonNode at =
        evaluate(
            String.format(
                Locale.ROOT,
                "(() => { const e = document.querySelector(%s); e.scrollIntoView({block:'center',"
                    + " behavior:'instant'}); const r = e.getBoundingClientRect(); return [r.x +"
                    + " r.width / 2, r.y + r.height / 2]; })()",
                quoted(selector)));
    ask(
        "Input.dispatchMouseEvent",
        Map.of(
            "type",
            type,
            "x",
            at.get(0).asDouble(),
            "y",
            at.get(1).asDouble(),
            "button",
            type.equals("mouseMoved") ? "none" : "left",
            "clickCount",
            1));
  }

  /** Presses a key, such as ArrowRight or Enter. */
  public void press(String key) {
    ask("Input.dispatchKeyEvent", Map.of("type", "keyDown", "key", key));
    ask("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
    frames();
  }

  /** The whole page as a PNG. */
  public byte[] picture() {
    return Base64.getDecoder()
        .decode(
            ask("Page.captureScreenshot", Map.of("captureBeyondViewport", true))
                .get("data")
                .asText());
  }

  /** The page on paper, as a PDF. */
  public byte[] print() {
    return Base64.getDecoder()
        .decode(ask("Page.printToPDF", Map.of("printBackground", true)).get("data").asText());
  }

  /** What went wrong in the page so far. */
  public List<String> errors() {
    return List.copyOf(errors);
  }

  private JsonNode ask(String method, Map<String, ?> parameters) {
    int id = ++asked;
    try {
      Map<String, Object> message = new java.util.HashMap<>();
      message.put("id", id);
      message.put("method", method);
      message.put("params", parameters);
      if (session != null) {
        message.put("sessionId", session);
      }
      socket.sendText(MAPPER.writeValueAsString(message), true).join();
      for (; ; ) {
        JsonNode answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
          throw new AssertionError("Chromium does not answer " + method);
        }
        note(answer);
        if (answer.path("id").asInt() == id) {
          if (answer.has("error")) {
            throw new AssertionError(method + ": " + answer.get("error"));
          }
          return answer.get("result");
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void note(JsonNode event) {
    JsonNode values = event.path("params");
    String method = event.path("method").asText();
    boolean bad =
        method.equals("Runtime.exceptionThrown")
            || (method.equals("Runtime.consoleAPICalled")
                && List.of("error", "warning", "assert").contains(values.path("type").asText()))
            || (method.equals("Log.entryAdded")
                && List.of("error", "warning")
                    .contains(values.path("entry").path("level").asText()))
            || method.equals("Page.javascriptDialogOpening");
    if (bad) {
      errors.add(method + ": " + values);
    }
  }

  private static String quoted(String text) {
    return MAPPER.valueToTree(text).toString();
  }

  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Puts the pieces of messages together. */
  private final class Listener implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        try {
          answers.add(MAPPER.readTree(message.toString()));
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
        message.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  @Override
  public void close() throws InterruptedException {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }
}
