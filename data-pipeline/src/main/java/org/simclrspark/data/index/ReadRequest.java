package org.simclrspark.data.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One range of a file that holds some of the wanted images.
 *
 * @param file as in the entries
 * @param offset of the first byte
 * @param length in bytes
 * @param wanted places of its images in the list that was asked for
 */
record ReadRequest(String file, long offset, int length, int[] wanted) {
  /** What a format may have between two images that follow each other, such as a tar's headers. */
  private static final int FRAMING = 4 << 10;

  /** Gaps are read over as long as all together add at most this part. */
  private static final double GAPS = 0.05;

  private static final int LARGEST_GAP = 1 << 20;
  private static final int LARGEST = 8 << 20;

  /**
   * Requests for images: neighbours in a file are merged where what lies between them adds little,
   * and whatever it adds where most of the images follow each other, as in a scan.
   *
   * @param ids of the images
   * @param entries where they lie
   * @param limit bytes of an image that are wanted at most
   * @return in the order of the first image that each brings
   */
  static List<ReadRequest> plan(long[] ids, List<IndexEntry> entries, int limit) {
    Integer[] sorted = new Integer[entries.size()];
    Arrays.setAll(sorted, i -> i);
    Arrays.sort(
        sorted,
        Comparator.comparing((Integer i) -> entries.get(i).file())
            .thenComparing(i -> entries.get(i).offset()));
    BitSet joined = joined(ids, entries, sorted, limit);
    List<ReadRequest> requests = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= sorted.length; i++) {
      if (i == sorted.length
          || !joined.get(i)
          || end(entries.get(sorted[i]), limit) - entries.get(sorted[from]).offset() > LARGEST) {
        requests.add(request(entries, Arrays.copyOfRange(sorted, from, i), limit));
        from = i;
      }
    }
    requests.sort(
        Comparator.comparingInt(request -> Arrays.stream(request.wanted).min().orElse(0)));
    return requests;
  }

  /** Which images are read with the one before them: the smallest gaps are read over first. */
  private static BitSet joined(long[] ids, List<IndexEntry> entries, Integer[] sorted, int limit) {
    long[] gaps = new long[sorted.length];
    for (int i = 1; i < sorted.length; i++) {
      gaps[i] = gap(entries, sorted, i, limit);
    }
    long wanted = entries.stream().mapToLong(entry -> length(entry, limit)).sum();
    long budget = (long) (wanted * GAPS);
    int smallest = isScan(ids, sorted) ? FRAMING : 0;
    BitSet joined = new BitSet();
    for (int i :
        IntStream.range(1, sorted.length)
            .boxed()
            .sorted(Comparator.comparingLong(i -> gaps[i]))
            .toList()) {
      if (gaps[i] > smallest) {
        if (gaps[i] > Math.min(LARGEST_GAP, budget)) {
          break;
        }
        budget -= gaps[i];
      }
      joined.set(i);
    }
    return joined;
  }

  /** Whether most of the images are the next ones after another that is wanted. */
  private static boolean isScan(long[] ids, Integer[] sorted) {
    long next =
        IntStream.range(1, sorted.length)
            .filter(i -> ids[sorted[i]] == ids[sorted[i - 1]] + 1)
            .count();
    return 2 * next > sorted.length;
  }

  /** Bytes between an image and the one before it; infinite between files. */
  private static long gap(List<IndexEntry> entries, Integer[] sorted, int i, int limit) {
    IndexEntry before = entries.get(sorted[i - 1]);
    IndexEntry entry = entries.get(sorted[i]);
    return before.file().equals(entry.file())
        ? entry.offset() - end(before, limit)
        : Long.MAX_VALUE;
  }

  private static ReadRequest request(List<IndexEntry> entries, Integer[] places, int limit) {
    long offset = entries.get(places[0]).offset();
    long end = Arrays.stream(places).mapToLong(p -> end(entries.get(p), limit)).max().orElse(0);
    return new ReadRequest(
        entries.get(places[0]).file(),
        offset,
        Math.toIntExact(end - offset),
        Arrays.stream(places).mapToInt(Integer::intValue).toArray());
  }

  private static long end(IndexEntry entry, int limit) {
    return entry.offset() + length(entry, limit);
  }

  static int length(IndexEntry entry, int limit) {
    return (int) Math.min(entry.length(), limit);
  }
}
