package org.simclrspark.driver.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Passes connections on to a server, every request some milliseconds late. */
final class SlowProxy implements AutoCloseable {
  private final ServerSocket listening =
      new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
  private final int target;
  private final int milliseconds;

  SlowProxy(int target, int milliseconds) throws IOException {
    this.target = target;
    this.milliseconds = milliseconds;
    start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        start(() -> pass(client, server, milliseconds));
        start(() -> pass(server, client, 0));
      } catch (IOException closed) {
        return;
      }
    }
  }

  /** A request is short: it comes in one piece. */
  private static void pass(Socket from, Socket to, int delay) {
    byte[] buffer = new byte[1 << 16];
    try (from;
        to) {
      InputStream input = from.getInputStream();
      OutputStream output = to.getOutputStream();
      for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
        Thread.sleep(delay);
        output.write(buffer, 0, count);
      }
    } catch (IOException | InterruptedException gone) {
      // The client tries again.
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "slow-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
