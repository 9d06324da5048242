namespace Kindred.Algorithms.Clustering;

/// <summary>What a fit of K-Means found.</summary>
/// <param name="Model">The centres.</param>
/// <param name="Labels">Cluster of each row, <b>[rows]</b>.</param>
/// <param name="Inertia">Sum of the squared distances of all rows to their centres.</param>
/// <param name="Iterations">Rounds it took.</param>
/// <param name="Silhouette">Simplified silhouette in [-1, 1], see <see cref="KMeans.FitBest(Sparse.CsrMatrix, int, int, KMeansOptions, Models.TrainingContext)"/>.</param>
public sealed record KMeansResult(KMeansModel Model, int[] Labels, double Inertia, int Iterations, double Silhouette);
