package org.simclrspark.data.prepare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.source.PreparedDataset;
import org.simclrspark.data.source.PreparedDataset.Part;

/**
 * A generation of a prepared dataset on its way. Every attempt of a task writes a part under a name
 * of its own and then a report that names it, so that an attempt that dies, or runs twice, does no
 * harm: a part is there once a report and the file that it names are.
 */
final class Generation {
  private static final String ASIDE = "aside.json";
  private static final Pattern FILE = Pattern.compile("(\\d{5,})-[0-9a-f]{32}\\.(?:parquet|json)");

  private final PreparedDirectory directory;
  private final PreparedDirectory.Work work;
  private final TargetFiles files;
  private final Path parts;

  Generation(PreparedDirectory directory, PreparedDirectory.Work work) {
    this.directory = directory;
    this.work = work;
    this.files = directory.files();
    this.parts = directory.partsOf(work);
  }

  /** Whether a file that lies with the parts has a name that is given here. */
  static boolean isFileOfWork(String name) {
    return FILE.matcher(name).matches() || name.equals(ASIDE);
  }

  /** The reports of the parts that are there, by part; a part that is not whole is not there. */
  Map<Integer, PartReport> reports() throws IOException {
    Map<String, Long> lengths = new HashMap<>();
    List<Path> reports = new ArrayList<>();
    for (Path folder : List.of(parts, directory.path())) {
      for (FileStatus file : files.list(folder)) {
        lengths.put(file.getPath().getName(), file.getLen());
        if (folder.equals(parts) && file.getPath().getName().endsWith(".json")) {
          reports.add(file.getPath());
        }
      }
    }
    Map<Integer, PartReport> found = new ConcurrentHashMap<>();
    TargetFiles.forEach(
        reports,
        file -> {
          Matcher name = FILE.matcher(file.getName());
          Optional<PartReport> report =
              PreparedDataset.readIfWhole(file, directory.fileSystem(), PartReport.class);
          if (name.matches() && report.isPresent()) {
            int part = Integer.parseInt(name.group(1));
            Long length =
                lengths.getOrDefault(
                    report.get().file,
                    lengths.get(PreparedDataset.partName(work.generation(), part)));
            if (length != null && length == report.get().length) {
              found.merge(part, report.get(), PartReport::firstByName);
            }
          }
        });
    return new TreeMap<>(found);
  }

  /**
   * Makes the dataset whole, and takes away what it replaces. Until the summary has its name, which
   * comes last, readers see the dataset before.
   *
   * @param count number of parts
   * @param leftOut what was passed over in the source
   * @param seconds that it took
   * @param beforeCommit is asked whether this may go on
   * @throws DataException if no image is left
   */
  PreparedDataset finish(int count, LeftOut leftOut, double seconds, Runnable beforeCommit)
      throws IOException {
    Map<Integer, PartReport> reports = reports();
    PartReport all = new PartReport();
    List<Part> listed = new ArrayList<>();
    for (int part = 0; part < count; part++) {
      PartReport report = reports.get(part);
      if (report == null) {
        throw new IOException("part " + part + " is gone; run the same command again");
      }
      all.add(report);
      listed.add(
          new Part(
              PreparedDataset.partName(work.generation(), part), report.length, report.images));
    }
    refuseUnlessImages(all);
    TargetFiles.forEach(
        IntStream.range(0, count).boxed().toList(),
        part ->
            files.move(
                new Path(parts, reports.get(part).file),
                new Path(directory.path(), listed.get(part).name())));
    publish(PreparedDataset.rejectedName(work.generation()), lines(all.rejected));
    PreparedDataset summary =
        all.summary(work.generation(), work.recipe(), leftOut, List.copyOf(listed), seconds);
    files.sync(directory.path());
    beforeCommit.run();
    publish(
        PreparedDataset.summaryName(work.generation()),
        PreparedDataset.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(summary));
    files.sync(directory.path());
    directory.clear(summary);
    return summary;
  }

  private static void refuseUnlessImages(PartReport all) {
    if (all.images == 0) {
      PartReport.Rejected first = all.rejected.get(0);
      throw new DataException(
          "A dataset must hold images that can be decoded, but none of "
              + all.rejected.size()
              + " can; the first is "
              + first.name()
              + ": "
              + first.reason());
    }
  }

  /** Writes a file aside and gives it its name, which it has only when it is whole. */
  private void publish(String name, byte[] content) throws IOException {
    Path aside = new Path(parts, ASIDE);
    files.write(aside, content);
    files.move(aside, new Path(directory.path(), name));
  }

  private static byte[] lines(List<PartReport.Rejected> rejected) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (PartReport.Rejected image : rejected) {
      lines.write(PreparedDataset.JSON.writeValueAsBytes(image));
      lines.write('\n');
    }
    return lines.toByteArray();
  }
}
