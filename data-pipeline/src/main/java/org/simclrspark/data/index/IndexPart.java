package org.simclrspark.data.index;

import java.io.Serializable;

/**
 * One file of an index.
 *
 * @param file its name
 * @param first id of its first entry
 * @param count number of entries
 * @param footer where its footer begins
 * @param length of the file
 */
record IndexPart(String file, long first, long count, long footer, long length)
    implements Serializable {}
