package org.simclrspark.data.files;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.GlobExpander;
import org.apache.hadoop.fs.GlobPattern;
import org.apache.hadoop.shaded.com.google.re2j.PatternSyntaxException;

/**
 * A path that may be a glob: {@code *}, {@code ?}, {@code [a-z]} and {@code {a,b}}, each taken
 * literally where a name that is spelled so exists.
 */
public final class PathPattern {
  private final DataFiles files;
  private final String path;

  private PathPattern(DataFiles files, String path) {
    this.files = files;
    this.path = path;
  }

  /**
   * What a path stands for, in the order of names; empty if nothing is there.
   *
   * @throws IOException if the file system refuses
   */
  public static List<FoundFile> match(String path, Configuration hadoop) throws IOException {
    return new PathPattern(DataFiles.of(path, hadoop), path).match();
  }

  private List<FoundFile> match() throws IOException {
    String whole = files.qualify(path);
    FoundFile literal = files.find(whole);
    if (literal != null) {
      return List.of(literal);
    }
    Map<String, FoundFile> found = new LinkedHashMap<>();
    for (String pattern : alternatives(whole)) {
      int rootEnd = pattern.indexOf('/', schemeEnd(pattern));
      String root = pattern.substring(0, rootEnd);
      String[] parts = pattern.substring(rootEnd + 1).split("/");
      for (FoundFile file : match(List.of(root), parts)) {
        found.put(file.path(), file);
      }
    }
    return found.values().stream().sorted((a, b) -> a.path().compareTo(b.path())).toList();
  }

  private static List<String> alternatives(String pattern) {
    try {
      return GlobExpander.expand(pattern);
    } catch (IOException e) {
      // It is a name after all, and nothing is there.
      return List.of();
    }
  }

  /** Null if the text is no glob, such as one with a bracket that is not closed. */
  private static GlobPattern pattern(String part) {
    try {
      return new GlobPattern(part);
    } catch (PatternSyntaxException e) {
      return null;
    }
  }

  /** Where the path begins behind {@code scheme://authority} or {@code file:}. */
  private static int schemeEnd(String qualified) {
    int colon = qualified.indexOf(":/");
    if (colon < 0) {
      return 0;
    }
    return qualified.startsWith("://", colon) ? colon + 3 : colon + 1;
  }

  private List<FoundFile> match(List<String> parents, String[] parts) throws IOException {
    List<FoundFile> reached = new ArrayList<>();
    List<String> directories = parents;
    for (int i = 0; i < parts.length; i++) {
      reached = new ArrayList<>();
      for (String directory : directories) {
        reached.addAll(children(directory, parts[i]));
      }
      directories = reached.stream().filter(FoundFile::isDirectory).map(FoundFile::path).toList();
    }
    return reached;
  }

  private List<FoundFile> children(String directory, String part) throws IOException {
    FoundFile literal = files.find(directory + "/" + part);
    if (literal != null) {
      return List.of(literal);
    }
    GlobPattern pattern = pattern(part);
    if (pattern == null) {
      return List.of();
    }
    if (!pattern.hasWildcard()) {
      FoundFile unescaped = files.find(directory + "/" + part.replaceAll("\\\\(.)", "$1"));
      return unescaped == null ? List.of() : List.of(unescaped);
    }
    List<FoundFile> matches = new ArrayList<>();
    for (FoundFile child : files.children(directory.isEmpty() ? "/" : directory)) {
      boolean hidden = child.name().startsWith(".") && !part.startsWith(".");
      if (!hidden && pattern.matches(child.name())) {
        matches.add(child);
      }
    }
    return matches;
  }
}
