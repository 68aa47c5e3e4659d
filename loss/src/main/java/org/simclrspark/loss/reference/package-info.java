/** The loss by its formulas, in double precision: what faster ones are compared with. */
package org.simclrspark.loss.reference;
