package org.simclrspark.deploy;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import java.net.Socket;
import java.util.List;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.RecordedRequest;
import okio.Buffer;

/**
 * The mock API server in CRUD mode, with server-side apply, which makes what is not there; the mock
 * of spark-kubernetes' generation only changes what is.
 */
final class ApplyingDispatcher extends KubernetesCrudDispatcher {

  @Override
  public MockResponse handlePatch(RecordedRequest request) {
    Buffer body = request.getBody().clone();
    MockResponse patched = super.handlePatch(request);
    if (!patched.getStatus().contains(" 404")) {
      return patched;
    }
    String path = request.getPath().replaceFirst("/[^/]*$", "");
    return handleCreate(
        new RecordedRequest(
            "POST " + path + " HTTP/1.1",
            request.getHeaders(),
            List.of(),
            body.size(),
            body,
            request.getSequenceNumber(),
            new Socket()));
  }
}
