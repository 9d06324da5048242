using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Accounts;

/// <summary>Who may do what.</summary>
public static class AccountsModule
{
    /// <summary>Adds API keys and the check of credentials.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddMigrations("accounts", typeof(AccountsModule).Assembly);
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<ICredentials>(provider => provider.GetRequiredService<ApiKeys>());
        return services;
    }
}
