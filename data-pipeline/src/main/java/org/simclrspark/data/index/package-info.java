/** Where every image of a dataset lies, and reading exactly those that are wanted. */
package org.simclrspark.data.index;
