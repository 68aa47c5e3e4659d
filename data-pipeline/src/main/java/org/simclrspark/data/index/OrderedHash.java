package org.simclrspark.data.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Serializable;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A hash of a sequence that can be computed in pieces: the polynomial of the elements' SHA-256
 * modulo the prime 2^255 - 19. The hash of two pieces together does not depend on where they were
 * cut.
 *
 * @param value of the polynomial
 * @param power the base to the number of elements
 */
record OrderedHash(BigInteger value, BigInteger power) implements Serializable {
  private static final BigInteger PRIME =
      BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger BASE = new BigInteger(1, sha256().digest("base".getBytes(UTF_8)));
  static final OrderedHash EMPTY = new OrderedHash(BigInteger.ZERO, BigInteger.ONE);

  /** With one more element behind. */
  OrderedHash with(byte[] element) {
    BigInteger hashed = new BigInteger(1, sha256().digest(element));
    return new OrderedHash(
        value.multiply(BASE).add(hashed).mod(PRIME), power.multiply(BASE).mod(PRIME));
  }

  /** With another sequence behind. */
  OrderedHash then(OrderedHash other) {
    return new OrderedHash(
        value.multiply(other.power).add(other.value).mod(PRIME),
        power.multiply(other.power).mod(PRIME));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
