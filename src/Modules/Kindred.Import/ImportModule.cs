using Kindred.Import.Demo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kindred.Import;

/// <summary>Files and the demo world into collections.</summary>
public static class ImportModule
{
    /// <summary>Adds <see cref="Importer"/> and <see cref="DemoStore"/>; what it writes through (<c>IEventImport</c>, <c>IItemImport</c>) comes with Feedback and Catalog.</summary>
    public static IServiceCollection AddImport(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Importer>();
        services.AddSingleton<DemoStore>();
        return services;
    }
}
