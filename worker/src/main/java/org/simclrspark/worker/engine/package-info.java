/**
 * What an {@link org.simclrspark.worker.engine.Engine} is, how one is chosen and lent, and what
 * engines have in common.
 */
package org.simclrspark.worker.engine;
