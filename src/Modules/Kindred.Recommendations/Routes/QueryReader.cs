using System.Globalization;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Kindred.Recommendations.Routes;

/// <summary>Reads a list's query parameters; says of each fault which parameter it is in. Unknown parameters are left alone.</summary>
internal static class QueryReader
{
    public static bool TryRead(QueryString text, out ListQuery query, out FieldError? error)
    {
        query = ListQuery.Default;
        error = null;
        if (!text.HasValue)
        {
            return true;
        }

        foreach (var pair in new QueryStringEnumerable(text.Value))
        {
            var name = pair.DecodeName().Span;
            var value = pair.DecodeValue();
            switch (name)
            {
                case "n":
                    if (!int.TryParse(value.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n is < 1 or > ListQuery.MaxN)
                    {
                        error = new FieldError("n", "range", $"n is a whole number from 1 to {ListQuery.MaxN}.");
                        return false;
                    }

                    query = query with { N = n };
                    break;
                case "category" when !value.IsEmpty:
                    query = query with { Category = value.ToString() };
                    break;
                case "filter" when !value.Span.IsWhiteSpace():
                    query = query with { Filter = value.ToString() };
                    break;
                case "exclude_seen" or "explain":
                    if (!bool.TryParse(value.Span, out var on))
                    {
                        error = new FieldError(name.ToString(), "type", $"{name} is true or false.");
                        return false;
                    }

                    query = name is "explain" ? query with { Explain = on } : query with { ExcludeSeen = on };
                    break;
                default:
                    break;
            }
        }

        return true;
    }
}
