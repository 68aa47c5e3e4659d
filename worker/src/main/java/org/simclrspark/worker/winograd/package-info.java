/**
 * Convolutions of 3 x 3 by Winograd's minimal filtering F(4 x 4, 3 x 3): a quarter of the
 * multiplications of the direct way (Lavin and Gray 2015, arXiv:1509.09308).
 *
 * <p>A tile of 4 x 4 outputs comes from 6 x 6 inputs d and 3 x 3 weights g as A^T [(G g G^T) * (B^T
 * d B)] A, where * multiplies element by element. Over all input channels that makes 36 matrix
 * products, one for each of those elements, the <i>components</i>.
 */
package org.simclrspark.worker.winograd;
