package org.simclrspark.data.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Iterator;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * Files of the local disk, by the JDK: Hadoop's local file system leaves out of its listings what
 * it cannot look at, takes names as the locale says and allows no colons in them.
 */
final class LocalFiles implements DataFiles {
  static final String SCHEME = "file:";

  @Override
  public String qualify(String path) {
    return SCHEME + absolute(path);
  }

  /** The absolute name, without a scheme. */
  private static String absolute(String path) {
    String name = path;
    if (name.regionMatches(true, 0, SCHEME + "/", 0, SCHEME.length() + 1)) {
      name = name.substring(SCHEME.length());
      if (name.startsWith("//")) {
        name = name.substring(name.indexOf('/', 2) < 0 ? name.length() : name.indexOf('/', 2));
      }
    }
    if (!name.startsWith("/")) {
      name = System.getProperty("user.dir") + "/" + name;
    }
    StringBuilder clean = new StringBuilder();
    for (String part : name.split("/", -1)) {
      if (!part.isEmpty() && !part.equals(".")) {
        clean.append('/').append(part);
      }
    }
    return clean.isEmpty() ? "/" : clean.toString();
  }

  static Path path(String path) {
    return LocalNames.path(absolute(path));
  }

  @Override
  public FoundFile find(String path) throws IOException {
    try {
      return look(path(path));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return null;
    } catch (FileSystemException e) {
      if (e.getReason() != null && e.getReason().startsWith("Not a directory")) {
        return null;
      }
      throw plain(e, path);
    }
  }

  @Override
  public Listing list(String directory) throws IOException {
    try {
      return new Children(directory, Files.newDirectoryStream(path(directory)));
    } catch (FileSystemException e) {
      throw plain(e, directory);
    }
  }

  @Override
  public Listing walk(String root, String directory, PassedOver passedOver) throws IOException {
    return new LocalWalk(this, root, directory, passedOver);
  }

  @Override
  public FSDataInputStream open(String path) throws IOException {
    try {
      Path file = path(path);
      // Opening a pipe would wait for somebody to write to it.
      if (look(file).kind() != FoundFile.Kind.FILE) {
        throw new IOException("it is no file");
      }
      return new FSDataInputStream(new LocalInput(FileChannel.open(file, StandardOpenOption.READ)));
    } catch (FileSystemException e) {
      throw plain(e, path);
    }
  }

  /** The path that a directory has without links. */
  static String real(String directory) throws IOException {
    try {
      return LocalNames.name(path(directory).toRealPath());
    } catch (FileSystemException e) {
      throw plain(e, directory);
    }
  }

  private static FoundFile look(Path path) throws IOException {
    String name = SCHEME + LocalNames.name(path);
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    String target = null;
    if (attributes.isSymbolicLink()) {
      try {
        attributes = Files.readAttributes(path, BasicFileAttributes.class);
      } catch (NoSuchFileException | FileSystemLoopException e) {
        return new FoundFile(name, FoundFile.Kind.BROKEN_LINK, 0, 0, null);
      } catch (AccessDeniedException e) {
        throw e;
      } catch (FileSystemException e) {
        // Too many levels of links, or a file where a directory should be.
        return new FoundFile(name, FoundFile.Kind.BROKEN_LINK, 0, 0, null);
      }
      target = attributes.isDirectory() ? LocalNames.name(path.toRealPath()) : null;
    }
    FoundFile.Kind kind =
        attributes.isRegularFile()
            ? FoundFile.Kind.FILE
            : attributes.isDirectory() ? FoundFile.Kind.DIRECTORY : FoundFile.Kind.SPECIAL;
    return new FoundFile(
        name,
        kind,
        attributes.isRegularFile() ? attributes.size() : 0,
        attributes.lastModifiedTime().toMillis(),
        target);
  }

  /** In words what the JDK says by the class of the exception alone. */
  private static IOException plain(FileSystemException e, String path) {
    String name = absolute(path);
    if (e instanceof NoSuchFileException) {
      FileNotFoundException none = new FileNotFoundException("nothing is at " + name);
      none.initCause(e);
      return none;
    }
    String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
    return new IOException(
        (e instanceof AccessDeniedException ? "access denied to " : reason + ": ") + name, e);
  }

  /** The children of a directory as they come. */
  private static final class Children implements Listing {
    private final String directory;
    private final DirectoryStream<Path> stream;
    private final Iterator<Path> paths;

    Children(String directory, DirectoryStream<Path> stream) {
      this.directory = directory;
      this.stream = stream;
      this.paths = stream.iterator();
    }

    @Override
    public FoundFile next() throws IOException {
      String at = directory;
      try {
        if (!paths.hasNext()) {
          return null;
        }
        Path child = paths.next();
        at = LocalNames.name(child);
        return look(child);
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      } catch (FileSystemException e) {
        throw plain(e, at);
      }
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
