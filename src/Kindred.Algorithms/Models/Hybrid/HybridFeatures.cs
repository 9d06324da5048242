using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.Hybrid;

/// <summary>
/// Vectors and biases of the items' features. An item has the weighted mean of its features; the gradients of items are gathered over a round,
/// and then each feature moves once by the sum of its items' gradients times its share in them.
/// </summary>
internal sealed unsafe class HybridFeatures
{
    private const int ItemsPerTask = 256;

    private readonly CsrMatrix _shares;
    private readonly CsrMatrix _byFeature;
    private readonly HybridRows _gradients;
    private readonly HybridRows _moves;

    public HybridFeatures(CsrMatrix features, int stride, int planes)
    {
        _shares = Shares(features);
        _byFeature = _shares.Transpose();
        Rows = new HybridRows(features.Columns, stride, planes);
        _gradients = new HybridRows(features.Rows, stride, planes: 1);
        _moves = new HybridRows(features.Columns, stride, planes: 1);
    }

    /// <summary><b>[features x planes x stride]</b>.</summary>
    public HybridRows Rows { get; }

    /// <summary>True when the item has a feature.</summary>
    public bool Has(int item) => _shares.RowLength(item) > 0;

    /// <summary>Where the gradients of a sample's items are gathered.</summary>
    public HybridGradients GradientsOf(int positive, int negative) => new(_gradients.At(positive), _gradients.At(negative));

    /// <summary>Adds each item's mean of features to its row.</summary>
    public void Compose(HybridRows items, ParallelOptions parallel) => Add(Rows, items, parallel);

    /// <summary>Ends a round: moves the features, and the items by what their features moved.</summary>
    public void Move<TStep>(TStep step, HybridRows items, ParallelOptions parallel)
        where TStep : struct, IHybridStep
    {
        Parallel.For(0, Rows.Rows, parallel, feature => MoveOne(step, feature));
        Add(_moves, items, parallel);
    }

    private void MoveOne<TStep>(TStep step, int feature)
        where TStep : struct, IHybridStep
    {
        var gradient = _moves.Plane(feature);
        gradient.Clear();
        var items = _byFeature.RowColumns(feature);
        var shares = _byFeature.RowValues(feature);
        for (var k = 0; k < items.Length; k++)
        {
            Vectors.AddScaled(_gradients.Plane(items[k]), shares[k], gradient);
        }

        // The place of the gradient then holds the move.
        var row = Rows.At(feature);
        for (var f = 0; f < gradient.Length; f++)
        {
            var before = row[f];
            step.Move(row + f, Rows.Stride, before, gradient[f]);
            gradient[f] = row[f] - before;
        }
    }

    private void Add(HybridRows rows, HybridRows items, ParallelOptions parallel) =>
        Parallel.For(0, (items.Rows + ItemsPerTask - 1) / ItemsPerTask, parallel, task =>
        {
            var end = Math.Min(items.Rows, (task + 1) * ItemsPerTask);
            for (var item = task * ItemsPerTask; item < end; item++)
            {
                var features = _shares.RowColumns(item);
                var shares = _shares.RowValues(item);
                for (var k = 0; k < features.Length; k++)
                {
                    Vectors.AddScaled(rows.Plane(features[k]), shares[k], items.Plane(item));
                }

                _gradients.Plane(item).Clear();
            }
        });

    private static CsrMatrix Shares(CsrMatrix features)
    {
        var shares = features.AllValues.ToArray();
        for (var item = 0; item < features.Rows; item++)
        {
            var row = shares.AsSpan((int)features.RowStarts[item], features.RowLength(item));
            var sum = 0.0;
            foreach (var value in row)
            {
                sum += value;
            }

            foreach (ref var value in row)
            {
                value = (float)(value / sum);
            }
        }

        return new CsrMatrix(features.Columns, features.RowStarts.ToArray(), features.AllColumns.ToArray(), shares);
    }
}
