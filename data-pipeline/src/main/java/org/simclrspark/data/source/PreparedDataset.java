package org.simclrspark.data.source;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.simclrspark.data.DataException;
import org.simclrspark.data.index.DatasetSpec.Columns;
import org.simclrspark.data.index.DatasetSpec.Split;
import org.simclrspark.data.index.LeftOut;

/**
 * What the directory of a prepared dataset says about itself: {@code _dataset-GENERATION.json}.
 *
 * <p>Every preparation into a directory is a new generation. Its Parquet files have the generation
 * in their names, and this file, written last, lists them. Of the generations in a directory the
 * newest counts whose file is whole, so that none is ever half replaced, on any file system.
 *
 * @param generation counted from 1
 * @param recipe what it was made from, and how
 * @param images that are in it
 * @param rejected images of the source that could not be decoded
 * @param repaired images in it that are damaged, yet can be shown
 * @param firstRepaired the first of them and what is wrong with it, or null
 * @param leftOut what was passed over in the source
 * @param labels images of each class, by its name
 * @param widthMin smallest width, in pixels
 * @param widthMax largest width
 * @param heightMin smallest height
 * @param heightMax largest height
 * @param pixelsMean mean of width times height
 * @param sourceBytes of the images as they were
 * @param bytes of the images as they are
 * @param seconds that it took, or its last part if it was interrupted
 * @param parts the Parquet files, in the order of their images
 */
@JsonNaming(SnakeCaseStrategy.class)
public record PreparedDataset(
    long generation,
    Recipe recipe,
    long images,
    long rejected,
    long repaired,
    String firstRepaired,
    LeftOut leftOut,
    SortedMap<String, Long> labels,
    int widthMin,
    int widthMax,
    int heightMin,
    int heightMax,
    long pixelsMean,
    long sourceBytes,
    long bytes,
    double seconds,
    List<Part> parts) {

  /** Key in the metadata of the Parquet files, which tells them from others. */
  public static final String MARK = "simclrspark.prepared";

  /** Holds what is not finished yet; other tools pass over names with an underscore. */
  public static final String WORK = "_preparing";

  /** Writes and reads what lies beside the images. */
  public static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private static final Pattern SUMMARY = Pattern.compile("_dataset-(\\d{6,})\\.json");
  private static final Pattern FILE =
      Pattern.compile(
          "_(?:dataset|rejected)-(\\d{6,})\\.jsonl?|images-(\\d{6,})-\\d{5,}\\.parquet");

  /**
   * What a dataset is made from, and how; the same twice gives the same dataset.
   *
   * @param from the source's path, absolute
   * @param format of the source
   * @param split of the source
   * @param columns of the source
   * @param count images in the source
   * @param fingerprint of the source
   * @param shorterSide to which larger images shrink, or 0
   * @param form how images are stored
   * @param quality of JPEG
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Recipe(
      String from,
      String format,
      Split split,
      Columns columns,
      long count,
      String fingerprint,
      int shorterSide,
      String form,
      int quality) {

    /** Whether the user asked for the same; what is in the source may have changed. */
    public boolean isOfSameRequest(Recipe other) {
      return from.equals(other.from)
          && format.equals(other.format)
          && split == other.split
          && columns.equals(other.columns)
          && shorterSide == other.shorterSide
          && form.equals(other.form)
          && quality == other.quality;
    }
  }

  /**
   * A Parquet file.
   *
   * @param name in the directory
   * @param bytes its length
   * @param images in it
   */
  public record Part(String name, long bytes, long images) {}

  /** Name of the file that says what is in a generation. */
  public static String summaryName(long generation) {
    return String.format(Locale.ROOT, "_dataset-%06d.json", generation);
  }

  /** Name of the file that lists the images which could not be decoded. */
  public static String rejectedName(long generation) {
    return String.format(Locale.ROOT, "_rejected-%06d.jsonl", generation);
  }

  /** Name of a Parquet file. */
  public static String partName(long generation, int part) {
    return String.format(Locale.ROOT, "images-%06d-%05d.parquet", generation, part);
  }

  /** The generation that a file belongs to by its name; empty for a file of another kind. */
  public static OptionalLong generationOf(String fileName) {
    Matcher matcher = FILE.matcher(fileName);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        Long.parseLong(matcher.group(1) == null ? matcher.group(2) : matcher.group(1)));
  }

  /**
   * The dataset in a directory.
   *
   * @return empty if there is no such directory or no prepared dataset in it
   * @throws DataException if files of it are missing, or its preparation was interrupted
   */
  public static Optional<PreparedDataset> in(Path directory, FileSystem fileSystem)
      throws IOException {
    List<FileStatus> files = list(directory, fileSystem);
    Optional<PreparedDataset> found = newest(files, fileSystem);
    if (found.isPresent()) {
      found.get().whole(directory, files);
    } else if (files.stream().anyMatch(file -> file.getPath().getName().equals(WORK))) {
      throw new DataException(
          "A prepared dataset must be whole, but the preparation of "
              + directory
              + " was interrupted; run the same simclr prepare again");
    }
    return found;
  }

  /**
   * The files of a dataset, in the order of their images.
   *
   * @throws DataException if one is missing
   */
  public List<FileStatus> files(Path directory, FileSystem fileSystem) throws IOException {
    return whole(directory, list(directory, fileSystem));
  }

  private static List<FileStatus> list(Path directory, FileSystem fileSystem) throws IOException {
    try {
      return List.of(fileSystem.listStatus(directory));
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** The newest generation among the files of a directory whose summary is whole. */
  public static Optional<PreparedDataset> newest(List<FileStatus> files, FileSystem fileSystem)
      throws IOException {
    List<Path> newestFirst =
        files.stream()
            .filter(file -> file.isFile() && SUMMARY.matcher(file.getPath().getName()).matches())
            .map(FileStatus::getPath)
            .sorted(Comparator.comparingLong(file -> -generationOf(file.getName()).orElseThrow()))
            .toList();
    for (Path file : newestFirst) {
      Optional<PreparedDataset> read = readIfWhole(file, fileSystem, PreparedDataset.class);
      if (read.isPresent()) {
        return read;
      }
    }
    return Optional.empty();
  }

  /** What a JSON file says, or nothing if it is not there or was cut off while it was written. */
  public static <T> Optional<T> readIfWhole(Path file, FileSystem fileSystem, Class<T> type)
      throws IOException {
    byte[] bytes;
    try (FSDataInputStream input = fileSystem.open(file)) {
      bytes = input.readAllBytes();
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(JSON.readValue(bytes, type));
    } catch (com.fasterxml.jackson.core.JsonProcessingException cutOff) {
      return Optional.empty();
    }
  }

  private List<FileStatus> whole(Path directory, List<FileStatus> files) {
    Map<String, FileStatus> there = new HashMap<>();
    files.forEach(file -> there.put(file.getPath().getName(), file));
    List<FileStatus> found = new ArrayList<>();
    for (Part part : parts) {
      FileStatus file = there.get(part.name());
      if (file == null || file.getLen() != part.bytes()) {
        throw new DataException(
            "A prepared dataset must have all its files, but "
                + part.name()
                + (file == null
                    ? " is missing in "
                    : " has " + file.getLen() + " bytes instead of " + part.bytes() + " in ")
                + directory
                + "; prepare it again with --overwrite");
      }
      found.add(file);
    }
    return found;
  }
}
