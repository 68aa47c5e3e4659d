package org.simclrspark.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord.Encoding;
import org.simclrspark.data.files.DataFiles;
import org.simclrspark.data.files.FoundFile;
import org.simclrspark.data.files.HiddenNames;
import org.simclrspark.data.files.Links;
import org.simclrspark.data.files.Listing;
import org.simclrspark.data.index.DatasetSpec.Split;
import org.simclrspark.data.index.FoundImage;
import org.simclrspark.data.index.ImageScan;
import org.simclrspark.data.index.ImageScanner;
import org.simclrspark.data.index.IndexEntry;
import org.simclrspark.data.index.LeftOut;
import org.simclrspark.data.index.ScanUnit;
import org.simclrspark.data.index.ScanUnits;

/**
 * Image files in a directory and the directories in it. The class of an image is the first of these
 * directories, unless these are splits such as {@code train} and {@code val}: then the one that is
 * meant stands for the whole.
 *
 * <p>Ids are places in the order of the paths within the directory. Spark's tasks list and sort the
 * files; the driver sees only the directories of the first level.
 */
public final class FolderScanner implements ImageScanner {
  private final String path;
  private final Split split;

  /**
   * Names the data; nothing is read yet.
   *
   * @param path a directory on any file system, or a glob of one
   * @param split which is meant, if there are several
   */
  public FolderScanner(String path, Split split) {
    this.path = path;
    this.split = split;
  }

  @Override
  public String format() {
    return "folder";
  }

  @Override
  public boolean isOrdered() {
    return false;
  }

  @Override
  public boolean hasFileForEachImage() {
    return true;
  }

  @Override
  public ScanUnits list(Configuration hadoop) {
    FoundFile directory = SourceFiles.one(path, hadoop);
    if (!directory.isDirectory()) {
      throw new DataException(
          "An image folder must be a directory, but " + path + " is a file; check the path");
    }
    try {
      DataFiles files = DataFiles.of(directory.path(), hadoop);
      LeftOut leftOut = new LeftOut();
      String asked = SourceFiles.rootName(directory.path());
      List<String> children = directories(files, asked, leftOut);
      String root = splitFolder(files, asked, children);
      List<ScanUnit> units = new ArrayList<>();
      units.add(new ScanUnit(root, "", 0, 0, 0));
      if (!root.equals(asked)) {
        leftOut.addRemark(
            "is the folder that is read, of " + String.join(", ", visible(children)),
            root.substring(asked.length() + 1));
        countImagesBeside(files, asked, leftOut);
        children = directories(files, root, leftOut);
      }
      for (String child : children) {
        units.add(new ScanUnit(root, child, 0, 0, 0));
      }
      return new ScanUnits(root, units, leftOut);
    } catch (IOException e) {
      throw SourceFiles.unlistable(path, e);
    }
  }

  private static List<String> visible(List<String> directories) {
    return directories.stream().filter(name -> !HiddenNames.isHiddenDirectory(name)).toList();
  }

  /** Names of the directories in a directory that are to be entered, sorted. */
  private static List<String> directories(DataFiles files, String root, LeftOut leftOut)
      throws IOException {
    List<FoundFile> directories = new ArrayList<>();
    try (Listing listing = files.list(root + "/")) {
      for (FoundFile child = listing.next(); child != null; child = listing.next()) {
        if (child.isDirectory() && !HiddenNames.isClosed(child.name())) {
          directories.add(child);
        }
      }
    }
    directories.sort(Comparator.comparing(FoundFile::path));
    List<String> names = new ArrayList<>();
    Links links = null;
    for (FoundFile directory : directories) {
      if (directory.target() != null) {
        links = links == null ? new Links(root + "/") : links;
        String refusal = links.refusal(directory);
        if (refusal != null) {
          leftOut.addRemark(refusal, directory.name());
          continue;
        }
      }
      names.add(directory.name());
    }
    return names;
  }

  /** The root of the split that is meant; the directory itself if its directories are classes. */
  private String splitFolder(DataFiles files, String root, List<String> directories)
      throws IOException {
    List<String> withImages = new ArrayList<>();
    List<String> splits = new ArrayList<>();
    List<String> names = visible(directories);
    if (names.stream().noneMatch(name -> SplitFolders.areSplits(List.of(name)))) {
      return root;
    }
    for (String name : names) {
      if (SplitFolders.areSplits(List.of(name))) {
        splits.add(name);
      } else if (holdsImage(files, root, root + "/" + name)) {
        withImages.add(name);
      }
    }
    if (!withImages.isEmpty()) {
      if (!SplitFolders.holdsBoth(splits)) {
        return root;
      }
      throw new DataException(
          "Folders must be either classes or splits, but "
              + path
              + " holds "
              + String.join(", ", splits)
              + " beside "
              + String.join(", ", withImages.subList(0, Math.min(3, withImages.size())))
              + "; name the folder that is meant, such as "
              + path
              + "/"
              + splits.get(0));
    }
    List<String> best = SplitFolders.of(split, splits, path);
    for (String name : best) {
      if (!visible(directories(files, root + "/" + name, new LeftOut())).isEmpty()) {
        return root + "/" + name;
      }
    }
    return root + "/" + best.get(0);
  }

  /** Counts the images that lie beside the folders of splits. */
  private static void countImagesBeside(DataFiles files, String root, LeftOut leftOut)
      throws IOException {
    try (Listing listing = files.list(root + "/")) {
      for (FoundFile child = listing.next(); child != null; child = listing.next()) {
        if (child.isFile() && ImageFiles.isImage(child.name())) {
          leftOut.add(ImageFiles.kind(child.name()), child.name());
        }
      }
    }
  }

  private static boolean holdsImage(DataFiles files, String root, String directory)
      throws IOException {
    try (Listing walk = files.walk(root + "/", directory, (kind, link) -> {})) {
      for (FoundFile file = walk.next(); file != null; file = walk.next()) {
        if (ImageFiles.isImage(file.name())) {
          return true;
        }
      }
      return false;
    }
  }

  @Override
  public ImageScan open(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
    return new Directory(unit, withBytes, hadoop);
  }

  /** The image files of a directory; those of the root itself, or of one in it and below. */
  private static final class Directory implements ImageScan {
    private final ScanUnit unit;
    private final boolean withBytes;
    private final Configuration hadoop;
    private final LeftOut leftOut = new LeftOut();
    private final Listing listing;
    private boolean isEmpty = true;

    Directory(ScanUnit unit, boolean withBytes, Configuration hadoop) throws IOException {
      this.unit = unit;
      this.withBytes = withBytes;
      this.hadoop = hadoop;
      DataFiles files = DataFiles.of(unit.root() + "/", hadoop);
      listing =
          unit.name().isEmpty()
              ? files.list(unit.root() + "/")
              : files.walk(
                  unit.root() + "/",
                  unit.path(),
                  (remark, link) -> leftOut.addRemark(remark, relative(link)));
    }

    private String relative(String file) {
      return file.substring(unit.root().length() + 1);
    }

    @Override
    public FoundImage next() throws IOException {
      for (FoundFile file = listing.next(); file != null; file = listing.next()) {
        if (!file.isDirectory() && isTaken(file)) {
          isEmpty = false;
          return image(SourceFiles.requireFile(file));
        }
      }
      if (isEmpty && !unit.name().isEmpty() && !HiddenNames.isHiddenDirectory(unit.name())) {
        leftOut.addRemark("holds no image", unit.name());
        isEmpty = false;
      }
      return null;
    }

    /** Whether a file is an image; counts those that are not, or are hidden. */
    private boolean isTaken(FoundFile file) throws IOException {
      String name = relative(file.path());
      boolean named = ImageFiles.isImage(name);
      if (HiddenNames.isInHiddenDirectory(name) || HiddenNames.isHiddenFile(file.name())) {
        if (named && !HiddenNames.isSystemFile(file.name())) {
          leftOut.add("hidden " + ImageFiles.kind(name), name);
        }
        return false;
      }
      if (named || (!file.name().contains(".") && isImage(file))) {
        return true;
      }
      leftOut.add(ImageFiles.kind(name), name);
      return false;
    }

    /** Whether a file without an extension begins as an image. */
    private boolean isImage(FoundFile file) {
      return ImageFiles.isImage(
          ImageFiles.start(SourceFiles.requireFile(file).path(), ImageFiles.SIGNATURE, hadoop));
    }

    private FoundImage image(FoundFile file) {
      String name = relative(file.path());
      IndexEntry entry =
          new IndexEntry(name, null, 0, file.length(), Encoding.FILE, ImageFiles.firstFolder(name));
      return new FoundImage(
          entry, file.modified(), withBytes ? ImageFiles.read(file.path(), hadoop) : null);
    }

    @Override
    public LeftOut leftOut() {
      return leftOut;
    }

    @Override
    public void close() throws IOException {
      listing.close();
    }
  }
}
