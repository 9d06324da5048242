using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Platform.Messaging;

/// <summary>Registers messages between the parts of the program.</summary>
public static class MessagingServices
{
    /// <summary>Adds outbox, inbox, the in-process bus with its relay, and the parked messages.</summary>
    public static IServiceCollection AddMessaging(this IServiceCollection services, MessagingSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<Outbox>();
        services.AddSingleton<Inbox>();
        services.AddSingleton<ParkedMessages>();
        services.AddSingleton<IMessageBus, InProcessBus>();
        services.AddHostedService<OutboxRelay>();
        return services;
    }

    /// <summary>Adds the consumer of a queue.</summary>
    public static IServiceCollection AddMessageHandler<T>(this IServiceCollection services)
        where T : class, IMessageHandler => services.AddSingleton<IMessageHandler, T>();
}
