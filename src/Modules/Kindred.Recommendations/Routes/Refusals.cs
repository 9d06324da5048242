using Kindred.Platform.Web;
using Kindred.Recommendations.Filters;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Recommendations.Routes;

/// <summary>How this module says no.</summary>
internal static class Refusals
{
    public static ProblemHttpResult NoCollection(string name) => Problems.NotFound($"There is no collection '{name}'.");

    public static ProblemHttpResult NoItem(string id) => Problems.NotFound($"There is no item '{id}'.");

    public static ProblemHttpResult Invalid(FieldError error) => Problems.Invalid(error.Detail, error);

    public static ProblemHttpResult Filter(FilterException refused) =>
        Problems.Invalid($"The filter is not understood at position {refused.Position}: {refused.Message}", new FieldError("filter", "syntax", $"At position {refused.Position}: {refused.Message}"));
}
