using Kindred.Algorithms.Models;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Recommendations.Films;

/// <summary>How lists of films are refused.</summary>
internal static class Refusals
{
    public static ProblemHttpResult NoModel() => Problems.Unprocessable(
        $"model is one of {string.Join(", ", FilmLists.Models.Concat(Recommenders.All.Select(recommender => recommender.Name)).Distinct(StringComparer.Ordinal))}.",
        new FieldError("model", "unknown", "the name of a model"));

    public static ProblemHttpResult NotTrained(string model) => Problems.Unavailable($"No model {model} is live yet; kindred train {(model == "hybrid" ? "warp" : model)} makes one.", TimeSpan.FromSeconds(30));
}

/// <summary>Leaves the making of an answer that nobody keeps: the model, which is the message, is not live yet.</summary>
internal sealed class NotTrainedException(string model) : Exception(model);
