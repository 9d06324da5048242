using Kindred.Contracts;
using Kindred.Feedback.Events;
using Kindred.Platform.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Feedback;

/// <summary>Events: purchases, ratings, views; and the users they come from.</summary>
public static class FeedbackModule
{
    /// <summary>Adds the event log and the store.</summary>
    public static IServiceCollection AddFeedback(this IServiceCollection services, FeedbackOptions options)
    {
        services.AddMigrations("feedback", typeof(FeedbackModule).Assembly);
        services.AddSingleton(options);
        services.AddSingleton<EventWriter>();
        services.AddSingleton<EventLog>();
        services.AddHostedService(provider => provider.GetRequiredService<EventLog>());
        services.AddSingleton<FeedbackStore>();
        services.AddSingleton<IEventReader>(provider => provider.GetRequiredService<FeedbackStore>());
        services.AddSingleton<IEventImport, ImportEvents>();
        return services;
    }
}
