/** Small programs that make datasets. */
package org.simclrspark.data.tools;
