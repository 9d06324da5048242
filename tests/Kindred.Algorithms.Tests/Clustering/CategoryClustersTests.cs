using Kindred.Algorithms.Clustering;
using Kindred.Algorithms.Models;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Clustering;

public sealed class CategoryClustersTests
{
    private static readonly TrainingContext s_context = new();

    [Fact]
    public void Category_gets_its_own_products_in_the_order_they_were_given()
    {
        // Five categories of different words, k = 5: every category is a cluster.
        string[] categories = ["Garden tools", "Toys", "Books", "Toys", "Phones", "Shoes", "Books", "toys"];
        var clusters = CategoryClusters.Fit(["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"], categories, 5, s_context);
        clusters.Clusters.ShouldBe(5);
        clusters.ProductsLike("Toys").ShouldBe(["p2", "p4", "p8"]);
        clusters.ProductsLike("TOYS").ShouldBe(["p2", "p4", "p8"]);
        clusters.ProductsLike("books").ShouldBe(["p3", "p7"]);
        clusters.ProductsLike("garden").ShouldBe(["p1"], "one known word is enough");
    }

    [Fact]
    public void Unseen_category_gets_nothing()
    {
        var clusters = CategoryClusters.Fit(["p1", "p2"], ["Toys", "Books"], 5, s_context);
        clusters.Cluster("Furniture").ShouldBeNull();
        clusters.ProductsLike("Furniture").ShouldBeEmpty();
        clusters.ProductsLike("").ShouldBeEmpty();
    }

    [Fact]
    public void Seen_category_without_words_finds_its_own()
    {
        // "A" and "7" have no word of two characters: both are empty rows, alike, and known all the same.
        var clusters = CategoryClusters.Fit(["p1", "p2", "p3"], ["A", "Toys", "7"], 5, s_context);
        clusters.Clusters.ShouldBe(2);
        clusters.ProductsLike("A").ShouldBe(["p1", "p3"]);
        clusters.ProductsLike("B").ShouldBeEmpty();
    }

    [Fact]
    public void Fewer_categories_than_clusters_are_fine()
    {
        var clusters = CategoryClusters.Fit(["p1", "p2", "p3"], ["Toys", "Toys", "Toys"], 5, s_context);
        clusters.Clusters.ShouldBe(1);
        clusters.ProductsLike("Toys").ShouldBe(["p1", "p2", "p3"]);
    }

    [Fact]
    public void Categories_that_share_words_come_together()
    {
        string[] categories = ["red wine", "white wine", "sparkling wine", "running shoes", "walking shoes", "dress shoes"];
        var clusters = CategoryClusters.Fit(["w1", "w2", "w3", "s1", "s2", "s3"], categories, 2, s_context);
        clusters.ProductsLike("wine").ShouldBe(["w1", "w2", "w3"]);
        clusters.ProductsLike("new shoes").ShouldBe(["s1", "s2", "s3"]);
    }

    [Fact]
    public void Every_product_is_in_one_cluster_and_same_seed_gives_the_same()
    {
        var categories = Enumerable.Range(0, 200).Select(k => $"kind{k % 17} shelf{k % 5}").ToArray();
        var products = Enumerable.Range(0, 200).Select(k => $"p{k}").ToArray();
        var clusters = CategoryClusters.Fit(products, categories, 5, s_context);
        var again = CategoryClusters.Fit(products, categories, 5, s_context with { Threads = 1 });
        categories.ShouldAllBe(category => clusters.Cluster(category) == again.Cluster(category));
        for (var k = 0; k < 200; k++)
        {
            clusters.ProductsLike(categories[k]).ShouldContain($"p{k}");
        }

        categories.GroupBy(category => clusters.Cluster(category)).Sum(group => clusters.ProductsLike(group.First()).Count).ShouldBe(200);
    }

    [Fact]
    public void Wrong_input_is_refused_with_the_numbers()
    {
        Should.Throw<ArgumentException>(() => CategoryClusters.Fit(["p1"], [], 5, s_context)).Message.ShouldContain("1 products, 0 categories");
        Should.Throw<ArgumentException>(() => CategoryClusters.Fit([], [], 5, s_context)).Message.ShouldContain("no rows");
        Should.Throw<ArgumentOutOfRangeException>(() => CategoryClusters.Fit(["p1"], ["Toys"], 0, s_context)).ParamName.ShouldBe("clusters");
    }
}
