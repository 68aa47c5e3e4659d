package org.simclrspark.data.index;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;

/**
 * Reads the images of given ids from storage: many requests at a time, neighbours in one request,
 * ahead of whoever takes the images. An executor has one for a dataset; it is safe for many
 * threads.
 */
public final class DatasetReader {
  private static final int IDS_IN_WINDOW = 4096;
  private static final long BYTES_IN_WINDOW = 32L << 20;

  private final String root;
  private final StoredFiles files;
  private final ExecutorService requests;
  private final IndexReader index;

  /** Of an image beyond the decoder's limit, one byte more is read, so that it is refused. */
  private final int limit;

  private final ImageCache cache;
  private final AtomicLong throttledCounted = new AtomicLong();

  /** Who reads now; the last one closes the files. */
  private final AtomicInteger active = new AtomicInteger();

  DatasetReader(IndexHeader header, String directory, StoredFiles files, ReadSettings settings) {
    this.root = header.root();
    this.limit = settings.limits().bytes() + 1;
    this.files = files;
    this.requests = Requests.pool(settings.requests());
    this.index = new IndexReader(header, directory, files, requests);
    this.cache =
        settings.cache() == null
            ? null
            : new ImageCache(settings.cache(), header.cacheKey(), settings.cacheSize());
  }

  /**
   * The images in the order of the ids. Beyond what is taken, at most two windows of 32 MiB (or one
   * image) are in memory.
   */
  public Iterator<ImageRecord> read(long[] ids) {
    return read(ids, null);
  }

  /**
   * As the other {@code read}, and counts.
   *
   * @param counters add up what is read; null: nothing is counted
   */
  public Iterator<ImageRecord> read(long[] ids, ReadCounters counters) {
    return new Images(ids, counters);
  }

  /** The images of consecutive ids. */
  public Iterator<ImageRecord> read(long from, long to) {
    long[] ids = new long[Math.toIntExact(to - from)];
    Arrays.setAll(ids, i -> from + i);
    return read(ids);
  }

  private List<IndexEntry> entries(long[] ids) {
    try {
      return index.entries(ids);
    } catch (IOException e) {
      throw new DataException(
          "The index of "
              + root
              + " cannot be read: "
              + Scans.reason(e)
              + "; if its files are gone, the same command makes them again",
          e);
    }
  }

  private byte[] bytes(ReadRequest request) {
    String file = IndexEntry.path(root, request.file());
    try {
      return files.read(file, request.offset(), request.length());
    } catch (EOFException e) {
      throw new DataException(
          "A dataset must not change while it is in use, but "
              + file
              + " has become shorter than "
              + (request.offset() + request.length())
              + " bytes; run the same command again",
          e);
    } catch (IOException e) {
      if (file.startsWith("s3a:") && S3Files.isReplaced(e)) {
        throw new DataException(
            "A dataset must not change while it is in use, but "
                + file
                + " was replaced; run the same command again",
            e);
      }
      throw new DataException(
          "Every image must be readable, but "
              + file
              + " is not: "
              + Scans.reason(e)
              + "; check that it still exists and may be read",
          e);
    }
  }

  /** Images of a window, on their way. */
  private final class Window {
    private final long[] ids;
    private final List<IndexEntry> entries;
    private final List<Future<byte[]>> reading = new ArrayList<>();
    private final List<Future<byte[]>> readingOf;
    private final int[] startOf;

    Window(long[] ids, List<IndexEntry> entries, ReadCounters counters) {
      this.ids = ids;
      this.entries = entries;
      this.readingOf = new ArrayList<>(Collections.nCopies(ids.length, null));
      this.startOf = new int[ids.length];
      int[] missing = IntStream.range(0, ids.length).filter(place -> !isCached(place)).toArray();
      for (int place = 0; place < ids.length; place++) {
        if (isCached(place)) {
          int cached = place;
          add(requests.submit(() -> cachedOrRead(cached)), place, 0);
        }
      }
      List<IndexEntry> wanted = Arrays.stream(missing).mapToObj(entries::get).toList();
      long bytes = 0;
      long[] wantedIds = Arrays.stream(missing).mapToLong(place -> ids[place]).toArray();
      List<ReadRequest> plan = ReadRequest.plan(wantedIds, wanted, limit);
      for (ReadRequest request : plan) {
        Future<byte[]> brings = requests.submit(() -> read(request, missing));
        bytes += request.length();
        for (int i : request.wanted()) {
          add(brings, missing[i], Math.toIntExact(wanted.get(i).offset() - request.offset()));
        }
      }
      if (counters != null) {
        counters.add(ids.length, plan.size(), bytes, ids.length - missing.length, newlyThrottled());
      }
    }

    private void add(Future<byte[]> brings, int place, int start) {
      reading.add(brings);
      readingOf.set(place, brings);
      startOf[place] = start;
    }

    private boolean isCached(int place) {
      return cache != null && cache.has(ids[place]);
    }

    private byte[] cachedOrRead(int place) {
      IndexEntry entry = entries.get(place);
      int length = ReadRequest.length(entry, limit);
      byte[] cached = cache.get(ids[place], length);
      return cached != null
          ? cached
          : read(
              new ReadRequest(entry.file(), entry.offset(), length, new int[] {0}),
              new int[] {place});
    }

    /** Reads a range and keeps its images. */
    private byte[] read(ReadRequest request, int[] places) {
      byte[] bytes = bytes(request);
      if (cache != null) {
        for (int i : request.wanted()) {
          IndexEntry entry = entries.get(places[i]);
          int start = Math.toIntExact(entry.offset() - request.offset());
          int length = ReadRequest.length(entry, limit);
          cache.put(ids[places[i]], Arrays.copyOfRange(bytes, start, start + length));
        }
      }
      return bytes;
    }

    ImageRecord image(int place) {
      IndexEntry entry = entries.get(place);
      byte[] bytes;
      try {
        bytes = Requests.get(readingOf.set(place, null));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      int length = ReadRequest.length(entry, limit);
      if (length != bytes.length) {
        bytes = Arrays.copyOfRange(bytes, startOf[place], startOf[place] + length);
      }
      return new ImageRecord(
          ids[place], entry.label(), IndexEntry.path(root, entry.name()), entry.encoding(), bytes);
    }

    void cancel() {
      reading.forEach(bytes -> bytes.cancel(false));
    }
  }

  /** Refusals since this was asked last. */
  private long newlyThrottled() {
    if (!root.startsWith("s3a:")) {
      return 0;
    }
    long now = S3Files.throttled();
    return Math.max(0, now - throttledCounted.getAndSet(now));
  }

  /** Reads a window ahead. */
  private final class Images implements Iterator<ImageRecord> {
    private final long[] ids;
    private final ReadCounters counters;
    private final ArrayDeque<Window> windows = new ArrayDeque<>();
    private List<IndexEntry> entries = List.of();
    private int entriesFrom;
    private int planned;
    private int inWindow;
    private int taken;
    private final AtomicBoolean reading = new AtomicBoolean();

    /** Whose end ends the reading; null outside Spark's tasks. The threads that take have none. */
    private final TaskContext task = TaskContext.get();

    Images(long[] ids, ReadCounters counters) {
      this.ids = ids;
      this.counters = counters;
    }

    @Override
    public boolean hasNext() {
      return taken < ids.length;
    }

    @Override
    public ImageRecord next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (taken == 0) {
        begin();
      }
      if (!windows.isEmpty() && inWindow == windows.peek().ids.length) {
        windows.remove();
        inWindow = 0;
      }
      try {
        while (windows.size() < 2 && planned < ids.length) {
          windows.add(nextWindow());
        }
        ImageRecord image = windows.element().image(inWindow);
        inWindow++;
        taken++;
        if (taken == ids.length) {
          end();
        }
        return image;
      } catch (RuntimeException e) {
        windows.forEach(Window::cancel);
        end();
        throw e;
      }
    }

    private void begin() {
      if (reading.compareAndSet(false, true)) {
        active.incrementAndGet();
        if (task != null) {
          task.addTaskCompletionListener((TaskCompletionListener) ended -> end());
        }
      }
    }

    private void end() {
      if (reading.compareAndSet(true, false) && active.decrementAndGet() == 0) {
        files.closeIdle();
      }
    }

    private Window nextWindow() {
      if (planned == entriesFrom + entries.size()) {
        entriesFrom = planned;
        entries =
            entries(
                Arrays.copyOfRange(ids, planned, Math.min(ids.length, planned + IDS_IN_WINDOW)));
      }
      int from = planned;
      long bytes = 0;
      while (planned < entriesFrom + entries.size()) {
        long length = ReadRequest.length(entries.get(planned - entriesFrom), limit);
        if (planned > from && bytes + length > BYTES_IN_WINDOW) {
          break;
        }
        bytes += length;
        planned++;
      }
      return new Window(
          Arrays.copyOfRange(ids, from, planned),
          List.copyOf(entries.subList(from - entriesFrom, planned - entriesFrom)),
          counters);
    }
  }
}
