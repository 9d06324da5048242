using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Kindred.Platform.Web;

/// <summary>A query parameter of a route that reads its query by hand.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its text is.</param>
/// <param name="Description">For people.</param>
public sealed record QueryParameter(string Name, JsonSchemaType Type, string Description);

/// <summary>The API described by itself: OpenAPI 3.1 at <c>/openapi/v1.json</c>, tried out at <c>/docs</c>. Nothing is loaded from elsewhere.</summary>
internal static partial class OpenApiDocument
{
    /// <summary>Adds the description of everything, and one for each service of the cinema with its routes alone.</summary>
    public static void AddKindredOpenApi(this IServiceCollection services, WebSettings settings)
    {
        Add("v1", _ => true);
        foreach (var service in CinemaPaths.Services)
        {
            Add(service, path => CinemaPaths.ServiceOf(path) == service);
        }

        void Add(string document, Func<string, bool> includes) => services.AddOpenApi(document, options =>
        {
            options.ShouldInclude = description => includes("/" + description.RelativePath);
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = "Kindred", Version = "v1", Description = "Recommendations you can run yourself, and explain." };
                document.Servers?.Clear();
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
                {
                    ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key (kindred keys create) or a person's access token (POST /auth/v1/jwt/login)" },
                };
                document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
                return Task.CompletedTask;
            });
            options.AddOperationTransformer((operation, context, _) =>
            {
                Complete(operation, context, settings);
                return Task.CompletedTask;
            });
        });
    }

    public static void MapKindredOpenApi(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").OpenToAll();
        app.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "docs";
            options.DocumentTitle = "Kindred API";
            options.SwaggerEndpoint("/openapi/v1.json", "v1");
            options.EnablePersistAuthorization();
        });
        foreach (var service in CinemaPaths.Services)
        {
            app.MapGet($"/{service}/openapi.json", async (HttpContext context, CancellationToken cancellation) =>
            {
                var document = await context.RequestServices.GetRequiredKeyedService<IOpenApiDocumentProvider>(service).GetOpenApiDocumentAsync(cancellation);
                return TypedResults.Text(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellation), "application/json");
            }).OpenToAll().ExcludeFromDescription();
            app.UseSwaggerUI(options =>
            {
                options.RoutePrefix = $"{service}/openapi";
                options.DocumentTitle = $"Kindred API: {service}";
                options.SwaggerEndpoint($"/{service}/openapi.json", service);
                options.EnablePersistAuthorization();
            });
        }
    }

    // What handlers that read path and query by hand do not say by their signature, and the one form of every error.
    private static void Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context, WebSettings settings)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        foreach (Match named in InPath().Matches(context.Description.RelativePath ?? ""))
        {
            if (!operation.Parameters.Any(known => string.Equals(known.Name, named.Groups["name"].Value, StringComparison.Ordinal)))
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = named.Groups["name"].Value,
                    In = ParameterLocation.Path,
                    Required = true,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }
        }

        if (settings.RequestIdRequired && CinemaPaths.ServiceOf("/" + context.Description.RelativePath) is not null)
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = KindredWeb.RequestIdHeader,
                In = ParameterLocation.Header,
                Required = true,
                Description = "Names the request; the answer carries it too",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 128 },
            });
        }

        foreach (var query in metadata.OfType<QueryParameter>())
        {
            operation.Parameters.Add(new OpenApiParameter { Name = query.Name, In = ParameterLocation.Query, Description = query.Description, Schema = new OpenApiSchema { Type = query.Type } });
        }

        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "Any other answer is problem details (RFC 9457)",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/problem+json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } } },
        };
        if (metadata.OfType<AccessRule>().LastOrDefault() is { ClientSecret: true })
        {
            operation.Description = $"Header `Client-Header-Secret`. {operation.Description}".TrimEnd();
        }
        else if (metadata.OfType<AccessRule>().LastOrDefault() is { Scope: { } scope })
        {
            operation.Description = $"Scope `{scope}`. {operation.Description}".TrimEnd();
        }
        else if (metadata.OfType<AccessRule>().LastOrDefault() is { People: PersonAccess.Any })
        {
            operation.Description = $"For people who are signed in. {operation.Description}".TrimEnd();
        }
        else
        {
            operation.Security = [];
        }
    }

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex InPath();
}
