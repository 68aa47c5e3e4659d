package org.simclrspark.data.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/**
 * Image files as broken disks, broken downloads and hostile hands leave them: valid files of every
 * format with bytes flipped, cut, repeated or left out, and headers that lie about sizes, lengths
 * and counts. The same seed and index give the same file.
 */
public final class DamagedImages {
  private static final int MOST_DAMAGES = 3;
  private static final int HEADER_BYTES = 160;
  private static final int CHUNK_FRAME = 12;
  private static final long[] LIES = {
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x10000,
    0x7FFF_FFFFL,
    0x8000_0000L,
    0xFFFF_FFFFL
  };

  private final long seed;
  private final List<Map.Entry<String, byte[]>> valid;

  /** Makes the valid files. */
  public DamagedImages(long seed) throws IOException {
    this.seed = seed;
    this.valid = List.copyOf(ValidImages.all().entrySet());
  }

  /** A file, and what was done to it. */
  public record DamagedFile(String form, String damage, byte[] file) {}

  /** The file of an index, any from 0 on. The first ones, one of each form, are valid. */
  public DamagedFile get(int index) {
    Map.Entry<String, byte[]> source = valid.get(index % valid.size());
    if (index < valid.size()) {
      return new DamagedFile(source.getKey(), "valid", source.getValue());
    }
    SplittableRandom random = new SplittableRandom(31 * seed + index);
    byte[] file = source.getValue().clone();
    StringBuilder damage = new StringBuilder();
    int damages = 1 + random.nextInt(MOST_DAMAGES);
    for (int i = 0; i < damages && file.length > 1; i++) {
      Damage kind = Damage.values()[random.nextInt(Damage.values().length)];
      file = kind.apply(file, random);
      damage.append(i == 0 ? "" : ", ").append(kind.words);
    }
    if (source.getKey().startsWith("png") && random.nextBoolean()) {
      correctChecksums(file);
      damage.append(", checksums corrected");
    }
    return new DamagedFile(source.getKey(), damage.toString(), file);
  }

  private enum Damage {
    FLIP("bits flipped") {
      @Override
      byte[] apply(byte[] file, SplittableRandom random) {
        int count = 1 + random.nextInt(20);
        for (int i = 0; i < count; i++) {
          file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return file;
      }
    },
    CUT("cut") {
      @Override
      byte[] apply(byte[] file, SplittableRandom random) {
        return Arrays.copyOf(file, random.nextInt(file.length));
      }
    },
    REPEAT("a stretch repeated") {
      @Override
      byte[] apply(byte[] file, SplittableRandom random) {
        int from = random.nextInt(file.length);
        int to = from + random.nextInt(Math.min(200, file.length - from)) + 1;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, to);
        out.write(file, from, file.length - from);
        return out.toByteArray();
      }
    },
    LEAVE_OUT("a stretch left out") {
      @Override
      byte[] apply(byte[] file, SplittableRandom random) {
        int from = random.nextInt(file.length);
        int to = from + random.nextInt(Math.min(200, file.length - from)) + 1;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, from);
        out.write(file, to, file.length - to);
        return out.toByteArray();
      }
    },
    OVERWRITE("a stretch overwritten") {
      @Override
      byte[] apply(byte[] file, SplittableRandom random) {
        int from = random.nextInt(file.length);
        int to = from + random.nextInt(Math.min(100, file.length - from)) + 1;
        byte value = (byte) random.nextInt();
        for (int i = from; i < to; i++) {
          file[i] = random.nextBoolean() ? value : (byte) random.nextInt();
        }
        return file;
      }
    },
    LIE("a lie in the header") {
      @Override
      byte[] apply(byte[] file, SplittableRandom random) {
        int width = 1 << random.nextInt(3);
        int at = random.nextInt(Math.min(HEADER_BYTES, file.length));
        long value = LIES[random.nextInt(LIES.length)];
        boolean littleEndian = random.nextBoolean();
        for (int i = 0; i < width && at + i < file.length; i++) {
          int shift = 8 * (littleEndian ? i : width - 1 - i);
          file[at + i] = (byte) (value >>> shift);
        }
        return file;
      }
    };

    private final String words;

    Damage(String words) {
      this.words = words;
    }

    abstract byte[] apply(byte[] file, SplittableRandom random);
  }

  /** So that a lie in a PNG reaches the decoder. */
  private static void correctChecksums(byte[] png) {
    int at = 8;
    while (at + CHUNK_FRAME <= png.length) {
      long length = 0;
      for (int i = 0; i < 4; i++) {
        length = length << 8 | (png[at + i] & 0xFF);
      }
      if (length > png.length - at - CHUNK_FRAME) {
        return;
      }
      CRC32 checksum = new CRC32();
      checksum.update(png, at + 4, (int) length + 4);
      for (int i = 0; i < 4; i++) {
        png[at + 8 + (int) length + i] = (byte) (checksum.getValue() >>> (24 - 8 * i));
      }
      at += CHUNK_FRAME + (int) length;
    }
  }
}
