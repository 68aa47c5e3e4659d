package org.simclrspark.driver.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Looks at a running driver through the REST interface of Spark's web page. */
final class DriverWatch {

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String BETWEEN_JOBS = "between jobs";

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final ObjectMapper mapper = new ObjectMapper();
  private final String api;

  /**
   * Watches a driver on this machine.
   *
   * @param port of its web page, {@code spark.ui.port}
   */
  DriverWatch(int port) {
    api = "http://127.0.0.1:" + port + "/api/v1/applications";
  }

  /**
   * The phase of the step that the driver is in: that of the running job; of its two, if its
   * shuffle is not written yet, the first.
   */
  String phase() {
    try {
      JsonNode applications = get("");
      if (applications.isEmpty()) {
        return BETWEEN_JOBS;
      }
      String id = applications.get(0).get("id").asText();
      JsonNode jobs = get("/" + id + "/jobs?status=running");
      if (jobs.isEmpty()) {
        return BETWEEN_JOBS;
      }
      JsonNode job = oldest(jobs);
      String[] phases = job.path("description").asText(job.path("name").asText()).split(", ", -1);
      List<Integer> stages = new ArrayList<>();
      job.get("stageIds").forEach(stage -> stages.add(stage.asInt()));
      int last = stages.stream().mapToInt(Integer::intValue).max().orElse(0);
      for (JsonNode stage : get("/" + id + "/stages?status=active")) {
        if (stage.get("stageId").asInt() < last) {
          return phases[0];
        }
      }
      return phases[phases.length - 1];
    } catch (IOException e) {
      return "starting";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return BETWEEN_JOBS;
    }
  }

  /** The step's own job: one that makes views for the next step runs behind it. */
  private static JsonNode oldest(JsonNode jobs) {
    JsonNode oldest = jobs.get(0);
    for (JsonNode job : jobs) {
      if (job.get("jobId").asInt() < oldest.get("jobId").asInt()) {
        oldest = job;
      }
    }
    return oldest;
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(api + path)).timeout(PATIENCE).build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("status " + response.statusCode());
    }
    return mapper.readTree(response.body());
  }
}
