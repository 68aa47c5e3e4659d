package org.simclrspark.data.files;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/** The files in a local directory and below it; the files of a directory before those below. */
final class LocalWalk implements Listing {
  private final LocalFiles files;
  private final DataFiles.PassedOver passedOver;
  private final Links links;
  private final Deque<Iterator<FoundFile>> waiting = new ArrayDeque<>();

  /** Where the walk is, without links, the deepest first. */
  private final Deque<String> chain = new ArrayDeque<>();

  private final List<FoundFile> directories = new ArrayList<>();
  private Listing listing;

  LocalWalk(LocalFiles files, String root, String directory, DataFiles.PassedOver passedOver)
      throws IOException {
    this.files = files;
    this.passedOver = passedOver;
    this.links = new Links(root);
    chain.push(LocalFiles.real(directory));
    listing = files.list(directory);
  }

  @Override
  public FoundFile next() throws IOException {
    while (true) {
      if (listing == null && !enterNext()) {
        return null;
      }
      FoundFile found = listing.next();
      if (found == null) {
        endListing();
      } else if (found.isDirectory()) {
        directories.add(found);
      } else {
        return found;
      }
    }
  }

  private void endListing() throws IOException {
    close();
    directories.sort(Comparator.comparing(FoundFile::path));
    waiting.push(List.copyOf(directories).iterator());
    directories.clear();
  }

  private boolean enterNext() throws IOException {
    while (!waiting.isEmpty()) {
      if (!waiting.element().hasNext()) {
        waiting.pop();
        chain.pop();
        continue;
      }
      FoundFile directory = waiting.element().next();
      String refusal = links.refusal(directory, chain);
      if (refusal != null) {
        passedOver.add(refusal, directory.path());
      } else if (!HiddenNames.isClosed(directory.name())) {
        chain.push(
            directory.target() == null
                ? chain.element() + "/" + directory.name()
                : directory.target());
        listing = files.list(directory.path());
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    if (listing != null) {
      listing.close();
      listing = null;
    }
  }
}
