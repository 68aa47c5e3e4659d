package org.simclrspark.data.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.ImageRecord.Encoding;

class ReadRequestTest {
  private static final int LIMIT = 1 << 26;

  @Test
  void neighboursShareARequest() {
    List<IndexEntry> entries =
        List.of(entry("b", 5000, 100), entry("a", 512, 300), entry("a", 2048, 70_000));
    List<ReadRequest> requests = ReadRequest.plan(new long[] {7, 3, 5}, entries, LIMIT);
    assertThat(requests).hasSize(2);
    assertThat(requests.get(0).file()).isEqualTo("b");
    assertThat(requests.get(0).wanted()).containsExactly(0);
    assertThat(requests.get(1).offset()).isEqualTo(512);
    assertThat(requests.get(1).length()).isEqualTo(2048 + 70_000 - 512);
    assertThat(requests.get(1).wanted()).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void aWholeFileInOrderTakesFewRequests() {
    List<IndexEntry> entries = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      entries.add(entry("a", 3073L * i + 1, 3072));
    }
    assertThat(ReadRequest.plan(LongStream.range(5, 10_005).toArray(), entries, LIMIT))
        .hasSize(4)
        .allSatisfy(request -> assertThat(request.length()).isLessThanOrEqualTo(8 << 20));
  }

  @Test
  void aScanReadsOverTheHeadersOfATarWhateverTheyAdd() {
    List<IndexEntry> entries = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      entries.add(entry("a", 1536L * i + 512, 700));
    }
    assertThat(ReadRequest.plan(LongStream.range(0, 1000).toArray(), entries, LIMIT)).hasSize(1);
  }

  @Test
  void gapsAddAtMostATenthWhateverTheSizes() {
    Random random = new Random(1);
    for (int size : new int[] {300, 3_000, 30_000, 300_000}) {
      for (int images : new int[] {1_000, 100_000}) {
        List<Long> all = LongStream.range(0, images).boxed().collect(Collectors.toList());
        Collections.shuffle(all, random);
        long[] ids = all.stream().limit(256).mapToLong(id -> id).toArray();
        List<IndexEntry> wanted =
            LongStream.of(ids).mapToObj(id -> entry("a", id * (size + 900), size)).toList();
        long bytes = 0;
        int found = 0;
        for (ReadRequest request : ReadRequest.plan(ids, wanted, LIMIT)) {
          bytes += request.length();
          found += request.wanted().length;
          for (int place : request.wanted()) {
            IndexEntry entry = wanted.get(place);
            assertThat(entry.offset()).isGreaterThanOrEqualTo(request.offset());
            assertThat(entry.offset() + size)
                .isLessThanOrEqualTo(request.offset() + request.length());
          }
        }
        assertThat(found).isEqualTo(256);
        assertThat(bytes).as(size + " of " + images).isLessThan((long) (256L * size * 1.1));
      }
    }
  }

  @Test
  void anImageBeyondTheLimitIsReadToTheLimit() {
    List<ReadRequest> requests =
        ReadRequest.plan(new long[1], List.of(entry("a", 10, 1L << 40)), 1000);
    assertThat(requests).hasSize(1);
    assertThat(requests.get(0).length()).isEqualTo(1000);
  }

  private static IndexEntry entry(String file, long offset, long length) {
    return new IndexEntry(file, "m", offset, length, Encoding.FILE, null);
  }
}
