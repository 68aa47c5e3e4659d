/**
 * The networks: f in {@link org.simclrspark.worker.network.ResNet}, g in {@link
 * org.simclrspark.worker.network.ProjectionHead}, how their parameters lie and start.
 */
package org.simclrspark.worker.network;
