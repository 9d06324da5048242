using Kindred.Contracts;
using Kindred.Notifications.Chat;
using Kindred.Notifications.Mail;
using Kindred.Notifications.Notices;
using Kindred.Platform.Messaging;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Notifications;

/// <summary>What people are told: letters, notices, and rooms to talk in.</summary>
public static class NotificationsModule
{
    // Only on the route that is open: a body of another kind is refused before it is known who asks.
    private const string Form = "application/x-www-form-urlencoded";
    private const long MaxBytes = 32 * 1024;

    /// <summary>Adds mail, notices and chat.</summary>
    public static IServiceCollection AddNotifications(this IServiceCollection services, NotificationOptions options, MailSettings mail, ChatSettings? chat = null)
    {
        services.AddMigrations("notifications", typeof(NotificationsModule).Assembly);
        services.AddSingleton(options);
        AddMail(services, mail);
        AddNotices(services);
        AddChat(services, chat ?? new ChatSettings());
        return services;
    }

    /// <summary>Maps notices, and the chat: its pages, its WebSocket, its forms.</summary>
    public static void MapNotifications(this WebApplication app)
    {
        MapNotices(app.MapGroup("/v1/notifications").WithErrors(ErrorStyle.Cinema).WithBodyLimit(MaxBytes).WithTags("Notifications"));
        MapChat(app);
    }

    private static void MapNotices(RouteGroupBuilder notices)
    {
        notices.MapPost("/", (NoticeRequest request, NoticeRoutes routes, CancellationToken cancellation) => routes.AskAsync(request, cancellation))
            .RequireScope(Scopes.NotificationsWrite).Produces(StatusCodes.Status201Created).WithSummary("Tell a user something");
        notices.MapGet("/", (string? user_id, OnlyUser only, Caller caller, NoticeRoutes routes, CancellationToken cancellation, int page_number = 0, int page_size = 10) =>
            routes.ListAsync(user_id, only, caller, cancellation, page_number, page_size))
            .RequireScope(Scopes.Admin, PersonAccess.Own).Produces<IReadOnlyList<NoticeResponse>>().WithSummary("What was sent to a user; to me");
        notices.MapGet("/settings", (Caller caller, NoticeRoutes routes, CancellationToken cancellation) => routes.SettingsAsync(caller, cancellation))
            .RequirePerson().WithTokenCookie(ChatDoor.Cookie).Produces<NoticeSettingsRequest>().WithSummary("How I want to be told");
        notices.MapPut("/settings", (NoticeSettingsRequest request, Caller caller, NoticeRoutes routes, CancellationToken cancellation) => routes.SetAsync(request, caller, cancellation))
            .AddEndpointFilter(RefuseStrangePages).RequirePerson().WithTokenCookie(ChatDoor.Cookie).Produces<NoticeSettingsRequest>().WithSummary("Change it");
        notices.MapGet("/unsubscribe/{token}", (string token, NoticeRoutes routes, HttpContext context, CancellationToken cancellation) => routes.AskToStopAsync(token, context, cancellation))
            .OpenToAll().ExcludeFromDescription();
        notices.MapPost("/unsubscribe/{token}", (string token, NoticeRoutes routes, HttpContext context, CancellationToken cancellation) => routes.StopAsync(token, context, cancellation))
            .OpenToAll().ExcludeFromDescription();
    }

    private static void MapChat(WebApplication app)
    {
        app.UseWebSockets();
        var chat = app.MapGroup("/ws/v1/chat").WithErrors(ErrorStyle.Cinema).WithBodyLimit(MaxBytes).WithTags("Chat").AddEndpointFilter(RefuseStrangePages);
        chat.MapGet("/", ChatPages.Page).OpenToAll().ExcludeFromDescription();

        // Not below /ws, where requests name themselves by a header that no link can carry.
        app.MapGet("/chat/chat.js", ChatPages.Script).OpenToAll().ExcludeFromDescription();
        app.MapGet("/chat/chat.css", ChatPages.Style).OpenToAll().ExcludeFromDescription();
        chat.MapMethods("/{room_id}/{user_id}", ["GET", "CONNECT"], (string room_id, string user_id, ChatDoor door, HttpContext context, CancellationToken cancellation) =>
            context.WebSockets.IsWebSocketRequest ? door.EnterAsync(room_id, user_id, context, cancellation) : Task.FromResult(ChatPages.Page(context)))
            .OpenToAll().DisableRequestTimeout().ExcludeFromDescription();
        chat.MapPost("/join_chat", (HttpContext context, Caller caller, ChatRoutes forms, CancellationToken cancellation) => forms.JoinAsync(context, caller, cancellation))
            .RequirePerson().WithTokenCookie(ChatDoor.Cookie).Produces<ChatDoneResponse>().WithSummary("Where my chat is; form: email");
        chat.MapPost("/ticket", (Caller caller, ChatRoutes forms, CancellationToken cancellation) => forms.TicketAsync(caller, cancellation))
            .RequirePerson().WithTokenCookie(ChatDoor.Cookie).Produces<ChatTicketResponse>().WithSummary("A ticket for one WebSocket, good for a minute");
        chat.MapPost("/admin_login", (HttpContext context, ChatRoutes forms, CancellationToken cancellation) => forms.AdminLoginAsync(context, cancellation))
            .OpenToAll().Accepts<ChatAdminRequest>(Form).Produces<ChatDoneResponse>().WithSummary("Where an admin's chat is, for an admin's key in X-API-Key");
        chat.MapGet("/rooms", (ChatRoutes forms, CancellationToken cancellation) => forms.RoomsAsync(cancellation))
            .RequireScope(Scopes.Admin).WithTokenCookie(ChatDoor.Cookie).Produces<IReadOnlyList<ChatRoomResponse>>().WithSummary("All rooms");
        chat.MapGet("/users", (ChatRoutes forms, CancellationToken cancellation) => forms.UsersAsync(cancellation))
            .RequireScope(Scopes.Admin).WithTokenCookie(ChatDoor.Cookie).Produces<IReadOnlyList<ChatUserResponse>>().WithSummary("Everybody who is in a room");
        chat.MapGet("/user_rooms", (string? user_id, OnlyUser only, Caller caller, ChatRoutes forms, CancellationToken cancellation) => forms.UserRoomsAsync(user_id, only, caller, cancellation))
            .RequireScope(Scopes.Admin, PersonAccess.Own).WithTokenCookie(ChatDoor.Cookie).Produces<IReadOnlyList<ChatUserRoomResponse>>().WithSummary("The rooms of a user; my own for everybody");
        chat.MapPost("/create_room", (HttpContext context, ChatRoutes forms, CancellationToken cancellation) => forms.CreateRoomAsync(context, cancellation))
            .RequireScope(Scopes.Admin).WithTokenCookie(ChatDoor.Cookie).Produces<ChatNewRoomResponse>().WithSummary("Make a room; form: name");
        chat.MapPost("/switch_room", (HttpContext context, ChatRoutes forms, CancellationToken cancellation) => forms.SwitchRoomAsync(context, cancellation))
            .RequireScope(Scopes.Admin).WithTokenCookie(ChatDoor.Cookie).Produces<ChatDoneResponse>().WithSummary("Move a user to a room; form: user_id, new_room_id");
        chat.MapPost("/add_user_to_room", (HttpContext context, ChatRoutes forms, CancellationToken cancellation) => forms.AddUserAsync(context, cancellation))
            .RequireScope(Scopes.Admin).WithTokenCookie(ChatDoor.Cookie).Produces<ChatDoneResponse>().WithSummary("Add a user to a room; form: room_id, email");
        chat.MapPost("/remove_user_from_room", (HttpContext context, ChatRoutes forms, CancellationToken cancellation) => forms.RemoveUserAsync(context, cancellation))
            .RequireScope(Scopes.Admin).WithTokenCookie(ChatDoor.Cookie).Produces<ChatDoneResponse>().WithSummary("Take a user out of a room, into the default one; form: room_id, email");
        chat.MapPost("/delete_room", (HttpContext context, ChatRoutes forms, CancellationToken cancellation) => forms.DeleteRoomAsync(context, cancellation))
            .RequireScope(Scopes.Admin).WithTokenCookie(ChatDoor.Cookie).Produces<ChatDoneResponse>().WithSummary("Delete a room; its users go to the default one; form: room_id");
    }

    private static void AddMail(IServiceCollection services, MailSettings mail)
    {
        services.AddSingleton(mail);
        services.AddSingleton<LetterWriter>();
        services.AddSingleton<Postman>();
        services.AddSingleton<Mailer>();
        services.AddSingleton<IMailer>(provider => provider.GetRequiredService<Mailer>());
        services.AddSingleton<IPeopleChanged, Preferences>();
        foreach (var (queue, topic) in new[] { ("mail", Mailer.Letters), ("newsletters", Mailer.Newsletters) })
        {
            services.AddSingleton<IMessageHandler>(provider => new DeliverLetters(
                queue, topic, provider.GetRequiredService<Postman>(), provider.GetRequiredService<LetterWriter>(), provider.GetRequiredService<Inbox>(), provider.GetRequiredService<NoticeStore>(), mail));
        }
    }

    private static void AddNotices(IServiceCollection services)
    {
        services.AddSingleton<NoticeStore>();
        services.AddSingleton<MailPreferences>();
        services.AddSingleton<Unsubscribing>();
        services.AddSingleton<Notifier>();
        services.AddSingleton<IMessageHandler>(provider => provider.GetRequiredService<Notifier>());
        services.AddMessageHandler<KeepForDigest>();
        services.AddScheduledJob<DigestJob>();
        services.AddScheduledJob<PopularFilmsJob>();
        services.AddSingleton<NoticeRoutes>();
    }

    private static void AddChat(IServiceCollection services, ChatSettings chat)
    {
        services.AddSingleton(chat);
        services.AddSingleton<ChatStore>();
        services.AddSingleton<ChatTickets>();
        services.AddSingleton<ChatRooms>();
        services.AddSingleton<IPeopleChanged>(provider => provider.GetRequiredService<ChatRooms>());
        services.AddSingleton<ChatHub>();
        services.AddHostedService(provider => provider.GetRequiredService<ChatHub>());
        services.AddSingleton<ChatWriter>();
        services.AddSingleton<ChatDoor>();
        services.AddSingleton<ChatRoutes>();
        services.AddMessageHandler<OnUserVerified>();
        services.AddMessageHandler<OnRecommendationsMade>();
    }

    // A cookie travels with every page's request; what it pays for is for our own.
    private static async ValueTask<object?> RefuseStrangePages(EndpointFilterInvocationContext call, EndpointFilterDelegate next) =>
        call.HttpContext.Request.Headers.Authorization.Count == 0 && !ChatDoor.IsOurs(call.HttpContext, call.HttpContext.RequestServices.GetRequiredService<WebSettings>())
            ? Problems.Forbidden("A page of another origin cannot do this.")
            : await next(call);
}
