package org.simclrspark.driver.step;

import java.io.Serializable;
import java.util.List;
import org.simclrspark.worker.shard.EmbeddedShard;

/**
 * Which rows of Z belong to which shard. Those of damaged images are left out, so that shards may
 * have different numbers of rows, and even none.
 *
 * @param starts first row of each shard, and the number of all rows, [S + 1]
 */
record ShardRows(int[] starts) implements Serializable {

  static ShardRows of(List<EmbeddedShard> embedded) {
    int[] starts = new int[embedded.size() + 1];
    for (int shard = 0; shard < embedded.size(); shard++) {
      starts[shard + 1] = Math.addExact(starts[shard], 2 * embedded.get(shard).images());
    }
    return new ShardRows(starts);
  }

  /** N, rows of all shards. */
  int total() {
    return starts[starts.length - 1];
  }

  /** The first row of a shard. */
  int from(int shard) {
    return starts[shard];
  }

  /** The row behind a shard's last one. */
  int to(int shard) {
    return starts[shard + 1];
  }

  /** S. */
  int shards() {
    return starts.length - 1;
  }

  /** Number of rows of a shard. */
  int of(int shard) {
    return to(shard) - from(shard);
  }

  boolean isEmpty(int shard) {
    return from(shard) == to(shard);
  }
}
