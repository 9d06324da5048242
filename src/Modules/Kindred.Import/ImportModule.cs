using Kindred.Import.Content;
using Kindred.Import.Demo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kindred.Import;

/// <summary>Files, content databases and the demo world into collections.</summary>
public static class ImportModule
{
    /// <summary>Adds <see cref="Importer"/> and <see cref="DemoStore"/>; what it writes through (<c>IEventImport</c>, <c>IItemImport</c>) comes with Feedback and Catalog.</summary>
    public static IServiceCollection AddImport(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Importer>();
        services.AddSingleton<DemoStore>();
        services.AddSingleton<Etl>();
        return services;
    }

    /// <summary>Follows a content database while the server runs, where the settings name one; what it writes through (<c>IContentImport</c>) comes with Catalog.</summary>
    public static IServiceCollection AddEtl(this IServiceCollection services, EtlSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        services.AddSingleton(settings);
        return settings.Source.Length > 0 ? services.AddHostedService<EtlService>() : services;
    }
}
