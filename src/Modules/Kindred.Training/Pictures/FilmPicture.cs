using System.Globalization;
using System.Text;
using System.Xml;
using Kindred.Algorithms.Clustering;
using Kindred.Algorithms.Decomposition;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Kindred.Contracts;

namespace Kindred.Training.Pictures;

/// <summary>
/// Films in clusters by who rated them how, on the two axes along which they differ most, as SVG. A film is the row of its ratings, one column a user, missing
/// ones 0; K-Means groups the rows and PCA lays them out. The same ratings, number of clusters and seed give the same text.
/// </summary>
internal sealed class FilmPicture
{
    /// <summary>Clusters where nothing else is said.</summary>
    public const int Clusters = 5;

    private const int MostDrawn = 2000;
    private const int MostLabels = 40;
    private const int Width = 960, Height = 640, Left = 60, Top = 50, Right = 240, Bottom = 60;
    private const double LabelHeight = 12, LetterWidth = 5.6;

    private readonly Drawn[] _films;
    private readonly int[] _sizes;
    private readonly double[] _shares;

    private FilmPicture(Drawn[] films, int[] sizes, double[] shares) => (_films, _sizes, _shares) = (films, sizes, shares);

    /// <summary>Clusters and draws, with titles from the catalogue; null where nobody has rated anything.</summary>
    public static async Task<string?> DrawAsync(Interactions ratings, int clusters, TrainingContext context, IItemReader items, int collection)
    {
        if (await Task.Run(() => Of(ratings, clusters, context), context.Cancellation) is not { } picture)
        {
            return null;
        }

        var wanted = picture._films.Select(film => film.Item).ToHashSet();
        Dictionary<int, string> titles = [];
        await foreach (var item in items.ReadAllAsync(collection, context.Cancellation))
        {
            if (wanted.Contains(item.Number) && item is { Title: { } title, Hidden: false, Deleted: false })
            {
                titles.Add(item.Number, title);
            }
        }

        return picture.Draw(titles);
    }

    /// <summary>Clusters films and lays them out; null where nobody has rated any.</summary>
    public static FilmPicture? Of(Interactions ratings, int clusters, TrainingContext context)
    {
        var (rows, items) = Rows(ratings);
        if (items.Length == 0)
        {
            return null;
        }

        var fit = KMeans.Fit(rows, new KMeansOptions { Clusters = clusters }, context);
        var (places, shares) = Places(rows, context);

        // Clusters are numbered by size, so that a picture of little more data has the same colours.
        var sizes = fit.Labels.CountBy(label => label).ToDictionary();
        var first = fit.Labels.Index().GroupBy(pair => pair.Item).ToDictionary(of => of.Key, of => of.Min(pair => pair.Index));
        int[] order = [.. sizes.Keys.OrderByDescending(label => sizes[label]).ThenBy(label => first[label])];
        var films = new Drawn[items.Length];
        for (var row = 0; row < items.Length; row++)
        {
            films[row] = new Drawn(items[row], Array.IndexOf(order, fit.Labels[row]), rows.RowLength(row), places[row].X, places[row].Y);
        }

        return new FilmPicture([.. films.OrderByDescending(film => film.Ratings).ThenBy(film => film.Item).Take(MostDrawn)], [.. order.Select(label => sizes[label])], shares);
    }

    /// <summary>The picture; films without a title have no label.</summary>
    public string Draw(IReadOnlyDictionary<int, string> titles)
    {
        var svg = new StringBuilder();
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"10\">\n");
        Add(svg, $"<title>Films in {_sizes.Length} clusters</title>\n<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>\n");
        Add(svg, $"<text x=\"{Left}\" y=\"30\" font-size=\"16\">Films in {_sizes.Length} clusters</text>\n");
        Add(svg, $"<path d=\"M{Left} {Top}V{Height - Bottom}H{Width - Right}\" fill=\"none\" stroke=\"#888\"/>\n");
        Add(svg, $"<text x=\"{Left}\" y=\"{Height - 30}\">first axis: {_shares[0] * 100:0.#} % of the variance</text>\n");
        Add(svg, $"<text transform=\"translate(30 {Height - Bottom}) rotate(-90)\">second axis: {_shares[1] * 100:0.#} % of the variance</text>\n");
        var (x, y) = (Axis([.. _films.Select(film => (double)film.X)], Left + 10, Width - Right - 10), Axis([.. _films.Select(film => (double)film.Y)], Height - Bottom - 10, Top + 10));
        foreach (var film in _films.OrderBy(film => film.Item))
        {
            Add(svg, $"<circle cx=\"{x(film.X):0.#}\" cy=\"{y(film.Y):0.#}\" r=\"4\" fill=\"{Colour(film.Cluster)}\" fill-opacity=\"0.7\"/>\n");
        }

        Label(svg, titles, x, y);
        for (var cluster = 0; cluster < _sizes.Length; cluster++)
        {
            var line = Top + 10 + (18 * cluster);
            Add(svg, $"<circle cx=\"{Width - Right + 30}\" cy=\"{line}\" r=\"5\" fill=\"{Colour(cluster)}\"/>\n");
            Add(svg, $"<text x=\"{Width - Right + 42}\" y=\"{line + 4}\">cluster {cluster + 1}: {_sizes[cluster]} {(_sizes[cluster] == 1 ? "film" : "films")}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    // Where each film stands, and what share of the variance each axis has; one film alone stands anywhere.
    private static ((float X, float Y)[] Places, double[] Shares) Places(CsrMatrix rows, TrainingContext context)
    {
        if (rows.Rows < 2)
        {
            return (new (float X, float Y)[rows.Rows], [0, 0]);
        }

        var pca = Pca.Fit(rows, new PcaOptions { Components = Math.Min(2, Math.Min(rows.Rows, rows.Columns)) }, context);
        var values = pca.Transform(rows);
        double Share(int axis) => axis < pca.Components && pca.TotalVariance > 0 ? pca.Variances[axis] / pca.TotalVariance : 0;
        return (
            [.. Enumerable.Range(0, rows.Rows).Select(row => (values[row * pca.Components], pca.Components > 1 ? values[(row * pca.Components) + 1] : 0))],
            [Share(0), Share(1)]);
    }

    private static void Add(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture));

    // Even steps around the circle of hues: neighbours in number are far apart in colour.
    private static string Colour(int cluster) => string.Create(CultureInfo.InvariantCulture, $"hsl({(cluster * 137) % 360},65%,45%)");

    // From the smallest to the largest value; values that are all alike lie in the middle.
    private static Func<double, double> Axis(double[] values, double from, double to)
    {
        var (least, most) = (values.Min(), values.Max());
        return value => most > least ? from + ((value - least) / (most - least) * (to - from)) : (from + to) / 2;
    }

    // The most rated first; one that would cover another is left out.
    private void Label(StringBuilder svg, IReadOnlyDictionary<int, string> titles, Func<double, double> x, Func<double, double> y)
    {
        List<(double X, double Y, double Width)> placed = [];
        foreach (var film in _films)
        {
            if (placed.Count == MostLabels)
            {
                return;
            }

            if (!titles.TryGetValue(film.Item, out var title))
            {
                continue;
            }

            var (at, line) = (x(film.X) + 6, y(film.Y) + 3);
            var text = new string([.. Shorten(title).Where(XmlConvert.IsXmlChar)]);
            var width = text.Length * LetterWidth;
            if (!placed.Exists(other => Math.Abs(other.Y - line) < LabelHeight && at < other.X + other.Width && other.X < at + width))
            {
                placed.Add((at, line, width));
                Add(svg, $"<text x=\"{at:0.#}\" y=\"{line:0.#}\">{System.Security.SecurityElement.Escape(text)}</text>\n");
            }
        }
    }

    private static string Shorten(string title) => title.Length <= 28 ? title : title[..27] + "…";

    // Films that somebody rated, by item ascending: [films x users].
    private static (CsrMatrix Rows, int[] Items) Rows(Interactions ratings)
    {
        var users = ratings.ByUser;
        var columns = users.AllColumns;
        var counts = new int[ratings.Items];
        foreach (var item in columns)
        {
            counts[item]++;
        }

        int[] items = [.. Enumerable.Range(0, counts.Length).Where(item => counts[item] > 0)];
        var starts = new long[items.Length + 1];
        var next = new long[counts.Length];
        for (var row = 0; row < items.Length; row++)
        {
            next[items[row]] = starts[row];
            starts[row + 1] = starts[row] + counts[items[row]];
        }

        var (others, values) = (new int[columns.Length], new float[columns.Length]);
        for (var user = 0; user < ratings.Users; user++)
        {
            for (var k = users.RowStarts[user]; k < users.RowStarts[user + 1]; k++)
            {
                var to = next[columns[(int)k]]++;
                (others[to], values[to]) = (user, ratings.Ratings![k]);
            }
        }

        return (new CsrMatrix(Math.Max(1, ratings.Users), starts, others, values), items);
    }

    private sealed record Drawn(int Item, int Cluster, long Ratings, float X, float Y);
}
