using Kindred.Feedback;
using Kindred.Feedback.Events;
using Kindred.Platform;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Storage;

/// <summary>Two processes on one database: what one forgets the other must not write under the old number.</summary>
public sealed class ForgottenUserTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kindred-forget-").FullName;
    private ServiceProvider _server = null!;
    private ServiceProvider _other = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await StartAsync();
        _other = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _other.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_user_forgotten_by_another_process_comes_back_as_somebody_new()
    {
        await RecordAsync(_server, "1");
        (await Store(_other).ForgetUserAsync(Shop(_other), "anna", Cancellation)).ShouldBeTrue();

        (await RecordAsync(_server, "2")).ShouldBe(RecordOutcome.Accepted);
        (await Store(_server).ReadEventsAsync(Shop(_server), 0, 10, Cancellation)).ShouldHaveSingleItem().Id.ShouldBe("2");
        (await RecordAsync(_server, "2")).ShouldBe(RecordOutcome.Duplicate, "an event of a number without a user could not even be found again");
    }

    [Fact]
    public async Task Attributes_put_after_another_process_forgot_the_user_are_read_back()
    {
        await RecordAsync(_server, "1");
        await Store(_other).ForgetUserAsync(Shop(_other), "anna", Cancellation);

        await Store(_server).PutUsersAsync(Shop(_server), [("anna", """{"city":"Porto"}""")], Cancellation);
        (await Store(_server).FindUserAsync(Shop(_server), "anna", Cancellation)).ShouldNotBeNull().Attributes.GetProperty("city").GetString().ShouldBe("Porto");
    }

    private static FeedbackStore Store(ServiceProvider process) => process.GetRequiredService<FeedbackStore>();

    private static Collection Shop(ServiceProvider process) => process.GetRequiredService<CollectionRegistry>().Find("shop")!;

    private static async Task<RecordOutcome> RecordAsync(ServiceProvider process, string id)
    {
        var shop = Shop(process);
        var one = new NewEvent(id, "anna", "tea", shop.FindEventType("purchase")!, null, 1_000_000, null);
        return (await process.GetRequiredService<EventLog>().RecordAsync(shop, [one], Cancellation)).ShouldHaveSingleItem();
    }

    private async Task<ServiceProvider> StartAsync()
    {
        var services = new ServiceCollection();
        services.AddStorage(
            new PlatformSettings { DataFolder = _folder },
            new DatabaseSettings(),
            new Dictionary<string, CollectionSettings>(StringComparer.Ordinal) { ["shop"] = new() { EventTypes = new(StringComparer.Ordinal) { ["purchase"] = new() } } });
        services.AddLogging().AddMessaging(new MessagingSettings());
        services.AddFeedback(new FeedbackOptions());
        var process = services.BuildServiceProvider();
        await process.GetRequiredService<Migrator>().ApplyAsync(Cancellation);
        await process.GetRequiredService<CollectionRegistry>().LoadAsync(Cancellation);
        return process;
    }
}
