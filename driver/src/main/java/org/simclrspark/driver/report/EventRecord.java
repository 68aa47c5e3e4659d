package org.simclrspark.driver.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A record of an event file of TensorBoard: length, masked CRC-32C of the length, an {@code Event}
 * message, masked CRC-32C of the message ({@code tensorflow/core/lib/io/record_writer.h}). The
 * messages are written here field by field ({@code tensorflow/core/util/event.proto}), because the
 * library for them that a cluster brings is of any age.
 */
final class EventRecord {

  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int SESSION_STATUS = 1;
  private static final int SESSION_START = 1;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private EventRecord() {}

  /** The first record of every file. */
  static byte[] version(double time) {
    Message event = new Message();
    event.fixed64(WALL_TIME, time);
    event.bytes(FILE_VERSION, "brain.Event:2".getBytes(UTF_8));
    return record(event);
  }

  /**
   * Says that a session starts: readers forget what earlier files tell of this step and those after
   * it.
   */
  static byte[] start(double time, long step) {
    Message log = new Message();
    log.varint(SESSION_STATUS, SESSION_START);
    Message event = new Message();
    event.fixed64(WALL_TIME, time);
    event.varint(STEP, step);
    event.bytes(SESSION_LOG, log.toByteArray());
    return record(event);
  }

  /** Numbers of a step, by tag. */
  static byte[] scalars(double time, long step, Map<String, Double> values) {
    Message summary = new Message();
    values.forEach(
        (tag, number) -> {
          Message value = new Message();
          value.bytes(VALUE_TAG, tag.getBytes(UTF_8));
          value.fixed32(VALUE_SIMPLE, number.floatValue());
          summary.bytes(SUMMARY_VALUE, value.toByteArray());
        });
    Message event = new Message();
    event.fixed64(WALL_TIME, time);
    event.varint(STEP, step);
    event.bytes(SUMMARY, summary.toByteArray());
    return record(event);
  }

  private static byte[] record(Message event) {
    byte[] data = event.toByteArray();
    byte[] length = littleEndian(Long.BYTES).putLong(data.length).array();
    return littleEndian(Long.BYTES + 2 * Integer.BYTES + data.length)
        .put(length)
        .putInt(maskedSum(length))
        .put(data)
        .putInt(maskedSum(data))
        .array();
  }

  private static int maskedSum(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return Integer.rotateRight((int) sum.getValue(), 15) + 0xa282ead8;
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A protocol buffer as it grows. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] toByteArray() {
      return out.toByteArray();
    }

    void varint(int field, long value) {
      key(field, VARINT);
      varint(value);
    }

    void fixed64(int field, double value) {
      key(field, FIXED64);
      out.writeBytes(littleEndian(Double.BYTES).putDouble(value).array());
    }

    void fixed32(int field, float value) {
      key(field, FIXED32);
      out.writeBytes(littleEndian(Float.BYTES).putFloat(value).array());
    }

    void bytes(int field, byte[] value) {
      key(field, BYTES);
      varint(value.length);
      out.writeBytes(value);
    }

    private void key(int field, int type) {
      varint((long) field << 3 | type);
    }

    private void varint(long value) {
      long left = value;
      for (; (left & ~0x7FL) != 0; left >>>= 7) {
        out.write((int) ((left & 0x7F) | 0x80));
      }
      out.write((int) left);
    }
  }
}
