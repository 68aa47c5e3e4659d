package org.simclrspark.driver.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.simclrspark.driver.storage.Storage;

/** One checkpoint on disk: raw float files, further files, and the manifest that completes it. */
final class CheckpointDirectory {

  private static final Pattern NAME = Pattern.compile("step-(\\p{Nd}{8})");
  private static final String PARAMETERS = "parameters.bin";
  private static final String STATISTICS = "statistics.bin";
  private static final String CONFIGURATION = "config.conf";
  private static final String SLOT_PREFIX = "optimizer-";
  private static final String SLOT_SUFFIX = ".bin";

  private final Storage storage;
  private final Path path;

  CheckpointDirectory(Storage storage, Path path) {
    this.storage = storage;
    this.path = path;
  }

  /** Says which file of a completed checkpoint is not as it was written. */
  static final class DamageException extends Exception {
    DamageException(String message) {
      super(message);
    }
  }

  /** What a look found: a manifest, or else the problem, and whether that is damage. */
  record Found(Optional<Manifest> manifest, String problem, boolean damaged) {

    static Found incomplete(String problem) {
      return new Found(Optional.empty(), problem, false);
    }

    static Found damaged(String problem) {
      return new Found(Optional.empty(), problem, true);
    }
  }

  /** Name of the directory of the checkpoint after so many steps. */
  static String name(long step) {
    return String.format(Locale.ROOT, "step-%08d", step);
  }

  /**
   * The steps that a directory's name tells, or an empty result for another directory. Earlier
   * versions wrote the digits of the user's locale, which are read as well.
   */
  static OptionalLong step(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /** Writes all files, and the manifest when they are safe. */
  void write(
      TrainingState state,
      Map<String, Storage.Content> further,
      Environment environment,
      List<Environment> executors,
      StartedFrom startedFrom) {
    List<Manifest.Entry> entries = new ArrayList<>();
    contents(state, further)
        .forEach((name, content) -> entries.add(writeSummed(new Path(path, name), content)));
    storage.syncDirectory(path);
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            state.step(),
            state.epoch(),
            Instant.now().toString(),
            entry(entries, PARAMETERS).sha256(),
            state.optimizer().updates(),
            List.copyOf(state.optimizer().slots().keySet()),
            environment,
            executors,
            startedFrom,
            entries);
    byte[] bytes = manifest.toBytes();
    storage.write(new Path(path, Manifest.FILE_NAME), out -> out.write(bytes));
    storage.syncDirectory(path);
    storage.syncDirectory(path.getParent());
  }

  /** Removes everything, the manifest first: what an interrupted removal leaves is incomplete. */
  void remove() {
    storage.delete(new Path(path, Manifest.FILE_NAME));
    storage.delete(path);
  }

  /** Looks at the manifest and at the sizes of the files, not at their bytes. */
  Found find() {
    Map<String, Long> sizes = new HashMap<>();
    storage.list(path).forEach(file -> sizes.put(file.getPath().getName(), file.getLen()));
    Optional<byte[]> bytes =
        sizes.containsKey(Manifest.FILE_NAME)
            ? storage.readIfPresent(new Path(path, Manifest.FILE_NAME))
            : Optional.empty();
    if (bytes.isEmpty()) {
      return Found.incomplete("it has no " + Manifest.FILE_NAME);
    }
    Manifest.Parsed parsed = Manifest.parse(bytes.get());
    if (parsed.manifest().isEmpty()) {
      String problem = Manifest.FILE_NAME + ": " + parsed.problem();
      return parsed.cut() ? Found.incomplete(problem) : Found.damaged(problem);
    }
    Manifest manifest = parsed.manifest().get();
    if (step(path.getName()).orElseThrow() != manifest.step()) {
      return Found.damaged(Manifest.FILE_NAME + " is that of step " + manifest.step());
    }
    for (Manifest.Entry entry : manifest.files()) {
      Long size = sizes.get(entry.name());
      if (size == null) {
        return Found.damaged(entry.name() + " is missing");
      }
      if (size != entry.bytes()) {
        return Found.damaged(
            entry.name() + " must have " + entry.bytes() + " bytes, found " + size);
      }
    }
    return new Found(parsed.manifest(), "", false);
  }

  /** Reads every byte and compares the sums. */
  void verify(Manifest manifest) throws DamageException {
    for (Manifest.Entry entry : manifest.files()) {
      readSummed(entry, in -> null);
    }
  }

  /** Reads the state and compares the sums of all files, also of those that are no part of it. */
  TrainingState load(Manifest manifest) throws DamageException {
    Map<String, float[]> arrays = new TreeMap<>();
    String configuration = null;
    for (Manifest.Entry entry : manifest.files()) {
      String name = entry.name();
      if (name.equals(CONFIGURATION)) {
        configuration = readSummed(entry, in -> new String(in.readAllBytes(), UTF_8));
      } else if (isArray(name)) {
        arrays.put(name, loadFloats(entry));
      } else {
        readSummed(entry, in -> null);
      }
    }
    TreeMap<String, float[]> slots = new TreeMap<>();
    for (String slot : manifest.optimizerSlots()) {
      slots.put(slot, arrays.get(slotFile(slot)));
    }
    return new TrainingState(
        manifest.step(),
        manifest.epoch(),
        arrays.get(PARAMETERS),
        arrays.get(STATISTICS),
        new OptimizerState(manifest.optimizerUpdates(), slots),
        configuration);
  }

  private static Map<String, Storage.Content> contents(
      TrainingState state, Map<String, Storage.Content> further) {
    Map<String, Storage.Content> contents = new TreeMap<>();
    contents.put(PARAMETERS, out -> FloatBytes.write(state.parameters(), out));
    contents.put(STATISTICS, out -> FloatBytes.write(state.runningStatistics(), out));
    contents.put(CONFIGURATION, out -> out.write(state.configuration().getBytes(UTF_8)));
    state
        .optimizer()
        .slots()
        .forEach((name, slot) -> contents.put(slotFile(name), out -> FloatBytes.write(slot, out)));
    for (Map.Entry<String, Storage.Content> file : further.entrySet()) {
      String name = file.getKey();
      if (isArray(name)
          || name.equals(Manifest.FILE_NAME)
          || contents.put(name, file.getValue()) != null) {
        throw new IllegalArgumentException(
            "A further file must not be named like one of the state, found " + name);
      }
    }
    return contents;
  }

  private Manifest.Entry writeSummed(Path file, Storage.Content content) {
    Manifest.Entry[] entry = new Manifest.Entry[1];
    storage.write(
        file,
        out -> {
          CountingStream counted = new CountingStream(out);
          DigestOutputStream summed = new DigestOutputStream(counted, FloatBytes.newSha256());
          content.writeTo(summed);
          String sum = FloatBytes.hex(summed.getMessageDigest());
          entry[0] = new Manifest.Entry(file.getName(), counted.count, sum);
        });
    return entry[0];
  }

  private float[] loadFloats(Manifest.Entry entry) throws DamageException {
    return readSummed(
        entry,
        in -> {
          float[] values = new float[Math.toIntExact(entry.bytes() / Float.BYTES)];
          FloatBytes.read(in, values);
          return values;
        });
  }

  private <T> T readSummed(Manifest.Entry entry, Storage.Reader<T> reader) throws DamageException {
    String[] sum = new String[1];
    T result =
        storage.read(
            new Path(path, entry.name()),
            in -> {
              DigestInputStream summed = new DigestInputStream(in, FloatBytes.newSha256());
              T read = reader.read(summed);
              drain(summed);
              sum[0] = FloatBytes.hex(summed.getMessageDigest());
              return read;
            });
    if (!entry.sha256().equals(sum[0])) {
      throw new DamageException(
          entry.name() + " must have the SHA-256 " + entry.sha256() + ", found " + sum[0]);
    }
    return result;
  }

  private static void drain(InputStream in) throws IOException {
    byte[] buffer = new byte[1 << 20];
    while (in.read(buffer) >= 0) {
      // The bytes pass through the sum.
    }
  }

  private static boolean isArray(String name) {
    return name.equals(PARAMETERS) || name.equals(STATISTICS) || name.startsWith(SLOT_PREFIX);
  }

  private static String slotFile(String name) {
    return SLOT_PREFIX + name + SLOT_SUFFIX;
  }

  private static Manifest.Entry entry(List<Manifest.Entry> entries, String name) {
    return entries.stream().filter(entry -> entry.name().equals(name)).findFirst().orElseThrow();
  }

  private static final class CountingStream extends OutputStream {

    private final OutputStream out;
    private long count;

    CountingStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      count += length;
    }
  }
}
