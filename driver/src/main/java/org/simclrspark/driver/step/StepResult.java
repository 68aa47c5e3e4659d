package org.simclrspark.driver.step;

import org.simclrspark.loss.RowStatistics;
import org.simclrspark.loss.statistics.EmbeddingStatistics;

/**
 * What a step found out.
 *
 * @param gradient of L with respect to the shared parameters, exact over the global batch
 * @param statistics batch-norm statistics of all views of the step
 * @param loss of all N rows: L, contrastive accuracy and entropy
 * @param embeddings spread of the embeddings, which shows collapse
 * @param images which of them took part
 * @param cost time, traffic and memory
 */
public record StepResult(
    float[] gradient,
    float[] statistics,
    RowStatistics loss,
    EmbeddingStatistics embeddings,
    StepImages images,
    StepCost cost) {}
