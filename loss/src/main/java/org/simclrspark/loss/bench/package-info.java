/** What the loss takes, beside the matrix products that it cannot do without. */
package org.simclrspark.loss.bench;
