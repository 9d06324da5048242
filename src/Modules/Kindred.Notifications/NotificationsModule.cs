using Kindred.Contracts;
using Kindred.Notifications.Mail;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Notifications;

/// <summary>What people are told: letters.</summary>
public static class NotificationsModule
{
    /// <summary>Adds mail.</summary>
    public static IServiceCollection AddNotifications(this IServiceCollection services, NotificationOptions options, MailSettings mail)
    {
        services.AddMigrations("notifications", typeof(NotificationsModule).Assembly);
        services.AddSingleton(options);
        services.AddSingleton(mail);
        services.AddSingleton<LetterWriter>();
        services.AddSingleton<Postman>();
        services.AddSingleton<Mailer>();
        services.AddSingleton<IMailer>(provider => provider.GetRequiredService<Mailer>());
        services.AddSingleton<IPeopleChanged, Languages>();
        foreach (var (queue, topic) in new[] { ("mail", Mailer.Letters), ("newsletters", Mailer.Newsletters) })
        {
            services.AddSingleton<IMessageHandler>(provider => new DeliverLetters(
                queue, topic, provider.GetRequiredService<Postman>(), provider.GetRequiredService<LetterWriter>(), provider.GetRequiredService<Inbox>(), mail));
        }

        return services;
    }
}
