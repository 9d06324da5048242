using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Evaluation;

/// <summary>Quality with default options on the shared splits: what is reached, kept from sinking unseen.</summary>
public sealed class SharedSplitTests
{
    [Theory]
    [InlineData("itemknn", "ml-latest-small", 0.250)]
    [InlineData("itemknn", "online-retail", 0.260)]
    [InlineData("itemknn", "movietweetings-100k", 0.110)]
    [InlineData("userknn", "ml-latest-small", 0.214)]
    [InlineData("userknn", "online-retail", 0.194)]
    [InlineData("userknn", "movietweetings-100k", 0.126)]
    [InlineData("covisit", "ml-latest-small", 0.225)]
    [InlineData("covisit", "online-retail", 0.294)]
    [InlineData("als", "ml-latest-small", 0.2535)]
    [InlineData("als", "online-retail", 0.2172)]
    [InlineData("als", "movietweetings-100k", 0.128)]
    [InlineData("ease", "online-retail", 0.279)]
    [InlineData("popularity", "ml-latest-small", 0.135)]
    [InlineData("popularity", "online-retail", 0.054)]
    [InlineData("popularity", "movietweetings-100k", 0.1055)]
    [InlineData("copurchase", "movietweetings-100k", 0.118)]
    [InlineData("warp", "ml-latest-small", 0.200)]
    [InlineData("warp", "online-retail", 0.185)]
    [InlineData("warp", "movietweetings-100k", 0.110)]
    [InlineData("bpr", "ml-latest-small", 0.180)]
    public void Default_options_reach_the_bar(string recommender, string dataset, double bar)
    {
        Assert.SkipUnless(SharedSplits.Has(dataset), "The shared splits are not beside the repository.");
        var (train, test, tieOrder) = SharedSplits.Load(dataset, "p1");
        var model = Recommenders.Find(recommender)!.Train(train, null, new TrainingContext { Threads = 2 });
        var report = Metrics.Compute(Evaluator.Rank(model, train, 10, tieOrder, threads: 2), test);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", report.All.Select(series => $"{series.Name} {series.Mean:F4} ± {series.HalfWidth:F4}")));
        report.Ndcg.Mean.ShouldBeGreaterThanOrEqualTo(bar);
    }
}
