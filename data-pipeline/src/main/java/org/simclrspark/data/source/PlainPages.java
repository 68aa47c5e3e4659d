package org.simclrspark.data.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridDecoder;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * Finds the values of a binary column chunk that is neither compressed nor encoded, by walking the
 * headers of its pages and the lengths before the values.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/data-pages/">Data pages</a>
 */
final class PlainPages implements ImageLocations {
  private final PageInput input;
  private final int maxDefinitionLevel;
  private final int fixedLength;
  private final long end;
  private RunLengthBitPackingHybridDecoder definitionLevels;
  private long pageEnd;
  private int valuesInPage;
  private boolean present;
  private long offset;
  private int length;

  PlainPages(FSDataInputStream file, ColumnChunkMetaData chunk, ColumnDescriptor column) {
    long start = chunk.getStartingPos();
    end = start + chunk.getTotalSize();
    input = new PageInput(file, start, end);
    maxDefinitionLevel = column.getMaxDefinitionLevel();
    PrimitiveType type = column.getPrimitiveType();
    fixedLength =
        type.getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
            ? type.getTypeLength()
            : -1;
    pageEnd = start;
  }

  /** Why the values of a chunk do not lie in the file as they are; null if they do. */
  static String obstacle(ColumnChunkMetaData chunk) {
    if (chunk.getCodec() != CompressionCodecName.UNCOMPRESSED) {
      return "the pages of its image column are compressed (" + chunk.getCodec() + ")";
    }
    for (org.apache.parquet.column.Encoding encoding : chunk.getEncodings()) {
      switch (encoding) {
        case PLAIN, RLE, BIT_PACKED -> {}
        case PLAIN_DICTIONARY, RLE_DICTIONARY -> {
          return "its image column is stored in a dictionary";
        }
        default -> {
          return "its image column has the encoding " + encoding;
        }
      }
    }
    return null;
  }

  @Override
  public void next() throws IOException {
    while (valuesInPage == 0) {
      nextPage();
    }
    valuesInPage--;
    present = definitionLevels == null || definitionLevels.readInt() == maxDefinitionLevel;
    if (!present) {
      return;
    }
    length = fixedLength >= 0 ? fixedLength : input.readInt();
    offset = input.position();
    if (length < 0 || offset + length > pageEnd) {
      throw new IOException("a value of " + length + " bytes at " + offset + " leaves its page");
    }
    input.seek(offset + length);
  }

  private void nextPage() throws IOException {
    input.seek(pageEnd);
    if (pageEnd >= end) {
      throw new IOException("the image column has fewer values than rows");
    }
    PageHeader header = Util.readPageHeader(input);
    pageEnd = input.position() + header.getCompressed_page_size();
    if (header.getType() == PageType.DATA_PAGE) {
      requirePlain(header.getData_page_header().getEncoding());
      valuesInPage = header.getData_page_header().getNum_values();
      definitionLevels(maxDefinitionLevel == 0 ? 0 : input.readInt());
    } else if (header.getType() == PageType.DATA_PAGE_V2) {
      requirePlain(header.getData_page_header_v2().getEncoding());
      valuesInPage = header.getData_page_header_v2().getNum_values();
      definitionLevels(header.getData_page_header_v2().getDefinition_levels_byte_length());
    }
  }

  private void definitionLevels(int bytes) throws IOException {
    byte[] levels = input.readNBytes(bytes);
    definitionLevels =
        maxDefinitionLevel == 0
            ? null
            : new RunLengthBitPackingHybridDecoder(
                Integer.SIZE - Integer.numberOfLeadingZeros(maxDefinitionLevel),
                new ByteArrayInputStream(levels));
  }

  private static void requirePlain(Encoding encoding) throws IOException {
    if (encoding != Encoding.PLAIN) {
      throw new IOException("a page has the encoding " + encoding + ", unlike its column");
    }
  }

  @Override
  public boolean isPresent() {
    return present;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public int length() {
    return length;
  }
}
