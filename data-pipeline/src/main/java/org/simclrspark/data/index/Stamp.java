package org.simclrspark.data.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What tells whether files have changed since they were indexed: a sum over their names, lengths
 * and times, in any order.
 *
 * @param files number of files
 */
record Stamp(long files, long high, long low) implements Serializable {
  static final Stamp NONE = new Stamp(0, 0, 0);

  static Stamp of(String name, long length, long modified) {
    String text = name + "\0" + length + "\0" + modified;
    ByteBuffer hash = ByteBuffer.wrap(OrderedHash.sha256().digest(text.getBytes(UTF_8)));
    return new Stamp(1, hash.getLong(), hash.getLong());
  }

  static Stamp of(List<ScanUnit> units) {
    return units.stream()
        .map(unit -> of(unit.name() + "@" + unit.from(), unit.to(), unit.modified()))
        .reduce(NONE, Stamp::plus);
  }

  Stamp plus(Stamp other) {
    return new Stamp(files + other.files, high + other.high, low + other.low);
  }
}
