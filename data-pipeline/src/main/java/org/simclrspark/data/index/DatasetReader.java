package org.simclrspark.data.index;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.data.decode.DecodeLimits;

/**
 * Reads the images of given ids from storage: many requests at a time, neighbours in one request,
 * ahead of whoever takes the images. An executor has one for a dataset; it is safe for many
 * threads.
 */
public final class DatasetReader {
  /** Of an image beyond the decoder's limit, one byte more is read, so that it is refused. */
  private static final int LIMIT = DecodeLimits.DEFAULT.bytes() + 1;

  private static final int IDS_IN_WINDOW = 4096;
  private static final long BYTES_IN_WINDOW = 32L << 20;

  private final String root;
  private final StoredFiles files;
  private final ExecutorService requests;
  private final IndexReader index;

  DatasetReader(IndexHeader header, String directory, StoredFiles files, ReadSettings settings) {
    this.root = header.root();
    this.files = files;
    this.requests = Requests.pool(settings.requests());
    this.index = new IndexReader(header, directory, files, requests);
  }

  /**
   * The images in the order of the ids. Beyond what is taken, at most two windows of 32 MiB (or one
   * image) are in memory.
   */
  public Iterator<ImageRecord> read(long[] ids) {
    return new Images(ids);
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
    private final ReadRequest[] requestOf;
    private final List<Future<byte[]>> readingOf;

    Window(long[] ids, List<IndexEntry> entries) {
      this.ids = ids;
      this.entries = entries;
      this.requestOf = new ReadRequest[ids.length];
      this.readingOf = new ArrayList<>(java.util.Collections.nCopies(ids.length, null));
      for (ReadRequest request : ReadRequest.plan(entries, LIMIT)) {
        Future<byte[]> bytes = requests.submit(() -> bytes(request));
        reading.add(bytes);
        for (int place : request.wanted()) {
          requestOf[place] = request;
          readingOf.set(place, bytes);
        }
      }
    }

    ImageRecord image(int place) {
      IndexEntry entry = entries.get(place);
      ReadRequest request = requestOf[place];
      byte[] bytes;
      try {
        bytes = Requests.get(readingOf.get(place));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      readingOf.set(place, null);
      int length = ReadRequest.length(entry, LIMIT);
      if (length != bytes.length) {
        int start = Math.toIntExact(entry.offset() - request.offset());
        bytes = Arrays.copyOfRange(bytes, start, start + length);
      }
      return new ImageRecord(
          ids[place], entry.label(), IndexEntry.path(root, entry.name()), entry.encoding(), bytes);
    }

    void cancel() {
      reading.forEach(bytes -> bytes.cancel(false));
    }
  }

  /** Reads a window ahead. */
  private final class Images implements Iterator<ImageRecord> {
    private final long[] ids;
    private final ArrayDeque<Window> windows = new ArrayDeque<>();
    private List<IndexEntry> entries = List.of();
    private int entriesFrom;
    private int planned;
    private int inWindow;
    private int taken;

    Images(long[] ids) {
      this.ids = ids;
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
        return image;
      } catch (RuntimeException e) {
        windows.forEach(Window::cancel);
        throw e;
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
        long length = ReadRequest.length(entries.get(planned - entriesFrom), LIMIT);
        if (planned > from && bytes + length > BYTES_IN_WINDOW) {
          break;
        }
        bytes += length;
        planned++;
      }
      return new Window(
          Arrays.copyOfRange(ids, from, planned),
          List.copyOf(entries.subList(from - entriesFrom, planned - entriesFrom)));
    }
  }
}
