package org.simclrspark.driver.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes connections on to an S3 server, or answers 503 Slow Down as a busy S3 does. */
final class BusyProxy implements AutoCloseable {

  private static final String BODY =
      "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code>"
          + "<Message>Please reduce your request rate.</Message></Error>";
  private static final byte[] ANSWER =
      ("HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
              + "Content-Length: "
              + BODY.length()
              + "\r\n\r\n"
              + BODY)
          .getBytes(US_ASCII);

  private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refusals = new AtomicInteger();
  private final int target;
  private volatile boolean busy;

  BusyProxy(int target) throws IOException {
    this.target = target;
    start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Requests answered with 503. */
  int refusals() {
    return refusals.get();
  }

  void setBusy(boolean nowBusy) {
    busy = nowBusy;
    open.forEach(BusyProxy::closeQuietly);
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        open.add(client);
        start(() -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      if (busy) {
        refuse(client);
        return;
      }
      try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
        open.add(server);
        Thread answers = start(() -> pass(server, client));
        pass(client, server);
        answers.join();
        open.remove(server);
      }
    } catch (IOException | InterruptedException gone) {
      // The client tries again.
    } finally {
      open.remove(client);
    }
  }

  private void refuse(Socket client) throws IOException {
    InputStream in = client.getInputStream();
    client.setSoTimeout(200);
    byte[] buffer = new byte[1 << 16];
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int count = in.read(buffer);
      if (count < 0) {
        return;
      }
      head.append(new String(buffer, 0, count, US_ASCII));
    }
    refusals.incrementAndGet();
    client.getOutputStream().write(ANSWER);
    client.shutdownOutput();
    try {
      while (in.read(buffer) >= 0) {
        // Unread bytes would reset the connection before the answer arrives.
      }
    } catch (IOException timedOut) {
      // It has had its answer.
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException gone) {
      closeQuietly(to);
      closeQuietly(from);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // Closed is what it should be.
    }
  }

  private static Thread start(Runnable task) {
    Thread thread = new Thread(task, "busy-proxy");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    open.forEach(BusyProxy::closeQuietly);
  }
}
