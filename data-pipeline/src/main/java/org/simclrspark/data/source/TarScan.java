package org.simclrspark.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.decode.DecodeLimits;
import org.simclrspark.data.files.HiddenNames;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;

/**
 * The images of a tar file. Consecutive members whose names agree up to the first dot are one
 * sample (WebDataset's rule), which has one image. Its class is the text of the member {@code .cls}
 * or the {@code label} of the member {@code .json}; without them the folders of the name tell it.
 */
final class TarScan implements ImageScan {
  private static final int LONGEST_LABEL = 1 << 12;
  private static final int LONGEST_JSON = 1 << 20;

  private final ScanUnit unit;
  private final boolean withBytes;
  private final boolean isCompressed;
  private final TarEnd end;
  private final TarArchiveInputStream tar;
  private final LeftOut leftOut = new LeftOut();
  private Member ahead;

  TarScan(ScanUnit unit, boolean withBytes, InputStream input, boolean isCompressed)
      throws IOException {
    this.unit = unit;
    this.withBytes = withBytes;
    this.isCompressed = isCompressed;
    this.end = new TarEnd(input);
    // Without an encoding, names would be taken as the locale says.
    this.tar =
        new TarArchiveInputStream(
            end, TarConstants.DEFAULT_BLKSIZE, TarConstants.DEFAULT_RCDSIZE, UTF_8.name());
    this.ahead = nextFile();
  }

  /** A file in the tar, under its plain name. */
  private record Member(String name, TarArchiveEntry entry, long offset) {}

  /** What is known of a sample so far. */
  private static final class Sample {
    private Member image;
    private byte[] bytes;
    private Member labelFile;
    private String label;
    private String jsonLabel;
    private boolean hasOthers;
  }

  @Override
  public FoundImage next() throws IOException {
    while (ahead != null) {
      String key = MemberNames.sample(ahead.name);
      Sample sample = new Sample();
      while (ahead != null && MemberNames.sample(ahead.name).equals(key)) {
        add(ahead, sample);
        ahead = nextFile();
      }
      if (sample.image != null) {
        return found(sample);
      }
      if (sample.labelFile != null && !sample.hasOthers) {
        throw new IOException(
            "its member "
                + sample.labelFile.name
                + " is the label of no image: the members of a sample must follow each other; pack"
                + " the tar in the order of names (tar --sort=name)");
      }
    }
    return null;
  }

  private void add(Member member, Sample sample) throws IOException {
    String name = member.name;
    if (ImageFiles.isImage(name)) {
      refuseCollision(sample.image, name);
      sample.image = member;
      sample.bytes = withBytes ? bytes(DecodeLimits.DEFAULT.bytes() + 1) : null;
      return;
    }
    switch (ImageFiles.extension(name)) {
      case "cls" -> {
        sample.labelFile = member;
        sample.label = label(member);
      }
      case "json" -> {
        sample.jsonLabel =
            member.entry.getSize() > LONGEST_JSON ? null : JsonLabels.label(bytes(LONGEST_JSON));
        if (sample.jsonLabel == null) {
          leftOut.add(".json", qualified(name));
        }
      }
      default -> {
        sample.hasOthers = true;
        leftOut.add(ImageFiles.kind(name), qualified(name));
      }
    }
  }

  private static void refuseCollision(Member first, String second) throws IOException {
    if (first != null) {
      throw new IOException(
          "its members "
              + first.name
              + " and "
              + second
              + " are two images of one sample, because the name of a sample ends at the first dot"
              + " (WebDataset's rule); rename them so that no dot stands before the extension, or"
              + " leave one out");
    }
  }

  private String label(Member member) throws IOException {
    if (member.entry.getSize() > LONGEST_LABEL) {
      throw new IOException(
          "a label must have at most "
              + LONGEST_LABEL
              + " bytes, but its member "
              + member.name
              + " has "
              + member.entry.getSize());
    }
    String label =
        Utf8.text(bytes(LONGEST_LABEL), "the label in its member " + member.name).strip();
    if (label.isEmpty()) {
      throw new IOException(
          "a label must be a number or a name, but its member "
              + member.name
              + " is empty; write the class, or leave the member out");
    }
    return label;
  }

  /** The bytes of the current member, at most so many. */
  private byte[] bytes(int limit) throws IOException {
    return tar.readNBytes(limit);
  }

  private FoundImage found(Sample sample) {
    TarArchiveEntry image = sample.image.entry;
    IndexEntry entry =
        new IndexEntry(
            unit.name(),
            sample.image.name,
            isCompressed ? 0 : sample.image.offset,
            image.getSize(),
            Encoding.FILE,
            sample.label != null ? sample.label : sample.jsonLabel);
    return new FoundImage(entry, 0, sample.bytes);
  }

  /** The next file that counts. */
  private Member nextFile() throws IOException {
    for (TarArchiveEntry entry = nextEntry(); entry != null; entry = nextEntry()) {
      end.isMember();
      if (entry.isDirectory()) {
        continue;
      }
      String name = MemberNames.plain(entry.getName());
      String base = name.substring(name.lastIndexOf('/') + 1);
      if (HiddenNames.isInHiddenDirectory(name) || HiddenNames.isHiddenFile(base)) {
        if (ImageFiles.isImage(name) && !HiddenNames.isSystemFile(base)) {
          leftOut.add("hidden " + ImageFiles.kind(name), qualified(name));
        }
        continue;
      }
      if (!isLink(entry) && !entry.isSparse() && !isSpecial(entry)) {
        return new Member(name, entry, end.position());
      }
      if (ImageFiles.isImage(name) || ImageFiles.extension(name).equals("cls")) {
        throw notWhole(name, entry);
      }
      leftOut.add(ImageFiles.kind(name), qualified(name));
    }
    end.check();
    return null;
  }

  private TarArchiveEntry nextEntry() throws IOException {
    try {
      return tar.getNextTarEntry();
    } catch (IllegalArgumentException e) {
      throw new IOException("a header in it is damaged: " + SourceFiles.reason(e), e);
    }
  }

  private static boolean isLink(TarArchiveEntry entry) {
    return entry.isLink() || entry.isSymbolicLink();
  }

  private static boolean isSpecial(TarArchiveEntry entry) {
    return entry.isFIFO() || entry.isCharacterDevice() || entry.isBlockDevice();
  }

  private static IOException notWhole(String name, TarArchiveEntry entry) {
    if (isLink(entry)) {
      return new IOException(
          "its member "
              + name
              + " is a link to "
              + entry.getLinkName()
              + "; pack the tar with the files themselves (tar --dereference --hard-dereference)");
    }
    return new IOException(
        "its member "
            + name
            + (entry.isSparse()
                ? " is a sparse file; pack the tar without --sparse"
                : " is no file; leave it out"));
  }

  private String qualified(String name) {
    return unit.name() + "#" + name;
  }

  @Override
  public LeftOut leftOut() {
    return leftOut;
  }

  @Override
  public String sequentialOnly() {
    return isCompressed ? "it is compressed as a whole" : null;
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
