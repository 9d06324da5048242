using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Platform.Scheduling;

/// <summary>Registers what is done by the calendar.</summary>
public static class SchedulingServices
{
    /// <summary>Adds the schedules and what follows them; settings by the names of jobs.</summary>
    public static IServiceCollection AddSchedules(this IServiceCollection services, IReadOnlyDictionary<string, ScheduleSettings> settings)
    {
        services.AddSingleton<ScheduleClaims>();
        services.AddSingleton(provider => new Schedules(provider.GetServices<IScheduledJob>(), settings, provider.GetRequiredService<ScheduleClaims>()));
        services.AddHostedService<Scheduler>();
        return services;
    }

    /// <summary>Adds a job.</summary>
    public static IServiceCollection AddScheduledJob<T>(this IServiceCollection services)
        where T : class, IScheduledJob => services.AddSingleton<IScheduledJob, T>();
}
