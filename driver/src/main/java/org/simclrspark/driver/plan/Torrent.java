package org.simclrspark.driver.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A broadcast of Spark, played through.
 *
 * <p>The driver offers a value in blocks. Each executor fetches them one after the other, in an
 * order of its own, each from a random one of those who have it by then: the driver, or an executor
 * that has fetched it. What a machine sends at a time shares its network. So executors that begin
 * together ask the driver for most blocks, and those that begin late ask each other: the slower the
 * network, the more leaves the driver. See Spark's <a
 * href="https://github.com/apache/spark/blob/v3.5.1/core/src/main/scala/org/apache/spark/broadcast/TorrentBroadcast.scala">
 * TorrentBroadcast</a>.
 */
final class Torrent {

  /** Blocks that a value is cut into (spark.broadcast.blockSize). */
  private static final int BLOCK = 4 << 20;

  /** Bytes a second that a JVM sends at most, however fast its network is. */
  private static final double JVM = 1e9;

  /** Seconds within which executors begin, and what each of them adds: tasks leave one by one. */
  private static final double SPREAD = 0.01;

  private static final double LAUNCH = 3e-4;

  /** Seconds between two blocks: the driver hears of the one, and says who has the other. */
  private static final double PAUSE = 2e-3;

  /** Fetches whose mean counts, at least. */
  private static final int FETCHES = 10_000;

  private final long bytes;
  private final double rate;
  private final Random random;
  private final List<Iterator<Integer>> missing = new ArrayList<>();
  private final List<List<Sender>> holders = new ArrayList<>();
  private final List<Sender> senders = new ArrayList<>();
  private final TreeSet<Sender> busy =
      new TreeSet<>(Comparator.comparingDouble(Sender::due).thenComparingInt(Sender::number));
  private final PriorityQueue<Turn> turns =
      new PriorityQueue<>(Comparator.comparingDouble(Turn::at));
  private double now;

  private Torrent(long bytes, int blocks, int executors, double rate, Random random) {
    this.bytes = bytes;
    this.rate = rate;
    this.random = random;
    Sender driver = new Sender(0);
    senders.add(driver);
    for (int block = 0; block < blocks; block++) {
      holders.add(new ArrayList<>(List.of(driver)));
    }
    for (int executor = 1; executor <= executors; executor++) {
      senders.add(new Sender(executor));
      List<Integer> order = new ArrayList<>(IntStream.range(0, blocks).boxed().toList());
      Collections.shuffle(order, random);
      missing.add(order.iterator());
      turns.add(new Turn(random.nextDouble() * (SPREAD + LAUNCH * executors), executor));
    }
  }

  /**
   * Bytes that leave the driver for a value that every executor reads: a mean over several
   * broadcasts, the same whenever it is asked for.
   *
   * @param bytes of the value
   * @param network bytes a second of a machine
   */
  static double sent(long bytes, int executors, double network) {
    int blocks = Math.toIntExact((bytes + BLOCK - 1) / BLOCK);
    if (blocks == 0) {
      return 0;
    }
    Random random = new Random(1);
    int broadcasts = 1 + FETCHES / blocks / executors;
    return IntStream.range(0, broadcasts)
        .mapToDouble(
            i -> new Torrent(bytes, blocks, executors, Math.min(network, JVM), random).play())
        .average()
        .orElseThrow();
  }

  /** A moment at which an executor asks for its next block. */
  private record Turn(double at, int executor) {}

  /** A block on its way; it is there when its sender has served so many bytes to each receiver. */
  private record Transfer(int executor, int block, double end) {}

  /** Who has blocks, and shares its network among those that fetch from it. */
  private final class Sender {

    private final int number;
    private final PriorityQueue<Transfer> transfers =
        new PriorityQueue<>(Comparator.comparingDouble(Transfer::end));
    private double served;
    private double asOf;
    private double due;

    Sender(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }

    /** When the next transfer ends, if no other begins. */
    double due() {
      return due;
    }

    void send(int executor, int block) {
      pass();
      transfers.add(new Transfer(executor, block, served + size(block)));
      goOn();
    }

    Transfer finish() {
      pass();
      Transfer done = transfers.remove();
      goOn();
      return done;
    }

    private void pass() {
      busy.remove(this);
      served += (now - asOf) * rate / Math.max(1, transfers.size());
      asOf = now;
    }

    private void goOn() {
      if (!transfers.isEmpty()) {
        due = now + (transfers.peek().end() - served) * transfers.size() / rate;
        busy.add(this);
      }
    }
  }

  private long size(int block) {
    return Math.min(BLOCK, bytes - (long) block * BLOCK);
  }

  /** Returns the bytes that left the driver. */
  private long play() {
    long sent = 0;
    while (!turns.isEmpty() || !busy.isEmpty()) {
      if (busy.isEmpty() || (!turns.isEmpty() && turns.peek().at() <= busy.first().due())) {
        Turn turn = turns.remove();
        now = turn.at();
        if (missing.get(turn.executor() - 1).hasNext()) {
          int block = missing.get(turn.executor() - 1).next();
          List<Sender> having = holders.get(block);
          Sender chosen = having.get(random.nextInt(having.size()));
          chosen.send(turn.executor(), block);
          sent += chosen.number() == 0 ? size(block) : 0;
        }
      } else {
        now = busy.first().due();
        Transfer done = busy.first().finish();
        holders.get(done.block()).add(senders.get(done.executor()));
        turns.add(new Turn(now + PAUSE, done.executor()));
      }
    }
    return sent;
  }
}
