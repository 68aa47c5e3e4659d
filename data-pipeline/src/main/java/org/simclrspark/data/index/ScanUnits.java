package org.simclrspark.data.index;

import java.util.List;

/**
 * What there is to scan.
 *
 * @param root of the dataset, a qualified path without a slash at its end, that the names of its
 *     images are relative to
 * @param units in the order of ids
 * @param leftOut what was passed over while listing
 */
public record ScanUnits(String root, List<ScanUnit> units, LeftOut leftOut) {}
