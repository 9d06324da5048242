using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Models.UserKnn;

/// <summary>
/// Turns a row of interactions - a training user's or a history - into the row that is compared. One rule for both, so that a training user's
/// own history has that user's own row. Source: <c>docs/algorithms/userknn.md</c>.
/// </summary>
internal sealed class UserVectors
{
    private readonly UserKnnOptions _options;
    private readonly double[] _rarity;
    private readonly double _averageLength;

    public UserVectors(CsrMatrix byUser, UserKnnOptions options)
    {
        _options = options;
        var counts = new int[byUser.Columns];
        foreach (var item in byUser.AllColumns)
        {
            counts[item]++;
        }

        // Never below 0: what everybody took says nothing about anybody.
        _rarity = Array.ConvertAll(counts, count => Math.Max(0, Math.Log(byUser.Rows) - Math.Log(1.0 + count)));
        var total = 0.0;
        foreach (var weight in byUser.AllValues)
        {
            total += weight;
        }

        _averageLength = total / Math.Max(1, byUser.Rows);
    }

    /// <summary>Writes the compared row: one finite value of 0 or more per entry.</summary>
    public void Write(ReadOnlySpan<int> items, ReadOnlySpan<float> weights, Span<float> vector)
    {
        switch (_options.Similarity)
        {
            case UserSimilarity.Jaccard:
                vector.Fill(1);
                break;
            case UserSimilarity.Bm25:
                WriteBm25(items, weights, vector);
                break;
            case UserSimilarity.TfIdf:
                for (var k = 0; k < items.Length; k++)
                {
                    vector[k] = (float)(Math.Sqrt(weights[k]) * _rarity[items[k]]);
                }

                ScaleToLengthOne(vector);
                break;
            default:
                weights.CopyTo(vector);
                ScaleToLengthOne(vector);
                break;
        }
    }

    private void WriteBm25(ReadOnlySpan<int> items, ReadOnlySpan<float> weights, Span<float> vector)
    {
        var length = 0.0;
        foreach (var weight in weights)
        {
            length += weight;
        }

        var norm = 1 - _options.B + (_options.B * (_averageLength > 0 ? length / _averageLength : 1));
        for (var k = 0; k < items.Length; k++)
        {
            vector[k] = (float)(weights[k] * (_options.K1 + 1) / ((_options.K1 * norm) + weights[k]) * _rarity[items[k]]);
        }
    }

    private static void ScaleToLengthOne(Span<float> vector)
    {
        var squares = 0.0;
        foreach (var value in vector)
        {
            squares += (double)value * value;
        }

        var scale = squares > 0 ? 1 / Math.Sqrt(squares) : 0;
        for (var k = 0; k < vector.Length; k++)
        {
            vector[k] = (float)(vector[k] * scale);
        }
    }
}
