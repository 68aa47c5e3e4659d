package org.simclrspark.data.source;

import java.io.IOException;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.parquet.hadoop.BadConfigurationException;
import org.simclrspark.data.DataException;

/** Says what is wrong with a Parquet file: its reader throws unchecked exceptions. */
final class ParquetErrors {
  private ParquetErrors() {}

  /**
   * What to throw.
   *
   * @throws DataException where the file is not damaged, and the remedy is another
   */
  static IOException of(String file, RuntimeException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof DataException known) {
        throw known;
      }
      if (cause instanceof ParquetCryptoRuntimeException) {
        throw new DataException(
            "A Parquet file must be readable without keys, but "
                + file
                + " is encrypted; decrypt it first",
            e);
      }
      if (cause instanceof BadConfigurationException) {
        throw new DataException(
            "A Parquet file must be compressed in a way that is known here, but "
                + file
                + " is not: "
                + SourceFiles.reason((RuntimeException) cause)
                + "; write it again with SNAPPY, GZIP, ZSTD or LZ4_RAW, or uncompressed",
            e);
      }
    }
    return new IOException(SourceFiles.reason(e), e);
  }
}
