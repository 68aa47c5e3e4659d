package org.simclrspark.data.index;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.Path;

/**
 * Looks entries up in the files of an index. Keeps what it has read lately, up to {@value
 * #CAPACITY} bytes: an index that fits is read once, of a larger one single blocks are read.
 */
final class IndexReader {
  static final long CAPACITY = 256L << 20;
  private static final int CHUNK_BYTES = 1 << 20;

  private final IndexHeader header;
  private final String directory;
  private final StoredFiles files;
  private final ExecutorService requests;
  private final long[] firstIds;
  private final IndexFooter[] footers;
  private final int blocksPerChunk;
  private final LinkedHashMap<ChunkKey, byte[]> chunks = new LinkedHashMap<>(64, 0.75f, true);
  private long kept;

  /**
   * Reads nothing yet.
   *
   * @param directory of the index
   * @param requests runs what can be read at a time
   */
  IndexReader(IndexHeader header, String directory, StoredFiles files, ExecutorService requests) {
    this.header = header;
    this.directory = directory + "/" + header.build();
    this.files = files;
    this.requests = requests;
    this.firstIds = header.parts().stream().mapToLong(IndexPart::first).toArray();
    this.footers = new IndexFooter[firstIds.length];
    long bytes = header.parts().stream().mapToLong(IndexPart::footer).sum();
    long blockBytes = Math.max(1, bytes * IndexPartWriter.BLOCK / header.count());
    this.blocksPerChunk = bytes <= CAPACITY ? (int) Math.max(1, CHUNK_BYTES / blockBytes) : 1;
  }

  private record ChunkKey(int part, int chunk) {}

  /**
   * Entries of images, in the order of the ids.
   *
   * @throws IllegalArgumentException if an id is not in 0 to count - 1
   */
  List<IndexEntry> entries(long[] ids) throws IOException {
    Map<ChunkKey, byte[]> needed = new LinkedHashMap<>();
    for (long id : ids) {
      needed.putIfAbsent(key(id), null);
    }
    readMissingFooters(needed);
    readChunks(needed);
    List<IndexEntry> entries = new ArrayList<>(ids.length);
    for (long id : ids) {
      ChunkKey key = key(id);
      IndexFooter footer = footers[key.part];
      long start = footer.blockStarts()[key.chunk * blocksPerChunk];
      IndexEntry entry = footer.entry(needed.get(key), start, id - firstIds[key.part]);
      entries.add(MemberFolders.labelled(entry, header.sharedFolders()));
    }
    return entries;
  }

  private ChunkKey key(long id) {
    if (id < 0 || id >= header.count()) {
      throw new IllegalArgumentException(
          "An image id must lie in 0 to " + (header.count() - 1) + ", found " + id);
    }
    int found = java.util.Arrays.binarySearch(firstIds, id);
    int part = found >= 0 ? found : -found - 2;
    long block = (id - firstIds[part]) / IndexPartWriter.BLOCK;
    return new ChunkKey(part, (int) (block / blocksPerChunk));
  }

  private void readMissingFooters(Map<ChunkKey, byte[]> needed) throws IOException {
    List<Future<IndexFooter>> reading = new ArrayList<>();
    synchronized (footers) {
      for (int part : needed.keySet().stream().mapToInt(ChunkKey::part).distinct().toArray()) {
        if (footers[part] == null) {
          reading.add(requests.submit(() -> readFooter(header.parts().get(part))));
        }
      }
      for (Future<IndexFooter> footer : reading) {
        IndexFooter read = Requests.get(footer);
        footers[header.parts().indexOf(read.part())] = read;
      }
    }
  }

  private IndexFooter readFooter(IndexPart part) throws IOException {
    int length = Math.toIntExact(part.length() - part.footer());
    return IndexFooter.parse(part, files.read(path(part), part.footer(), length));
  }

  private void readChunks(Map<ChunkKey, byte[]> needed) throws IOException {
    Map<ChunkKey, Future<byte[]>> reading = new LinkedHashMap<>();
    synchronized (chunks) {
      needed.replaceAll((key, none) -> chunks.get(key));
    }
    needed.forEach(
        (key, bytes) -> {
          if (bytes == null) {
            reading.put(key, requests.submit(() -> readChunk(key)));
          }
        });
    for (Map.Entry<ChunkKey, Future<byte[]>> chunk : reading.entrySet()) {
      byte[] bytes = Requests.get(chunk.getValue());
      needed.put(chunk.getKey(), bytes);
      keep(chunk.getKey(), bytes);
    }
  }

  private byte[] readChunk(ChunkKey key) throws IOException {
    IndexFooter footer = footers[key.part];
    int first = key.chunk * blocksPerChunk;
    int end = Math.min(footer.blocks(), first + blocksPerChunk);
    long start = footer.blockStarts()[first];
    return files.read(
        path(footer.part()), start, Math.toIntExact(footer.blockStarts()[end] - start));
  }

  private void keep(ChunkKey key, byte[] bytes) {
    synchronized (chunks) {
      if (chunks.put(key, bytes) == null) {
        kept += bytes.length;
      }
      var eldest = chunks.entrySet().iterator();
      while (kept > CAPACITY && eldest.hasNext()) {
        kept -= eldest.next().getValue().length;
        eldest.remove();
      }
    }
  }

  private String path(IndexPart part) {
    return new Path(directory, part.file()).toString();
  }
}
