using Kindred.Platform.Messaging;

namespace Kindred.Service.Tests.Systems;

/// <summary>Tests of the whole program over HTTP, each with a program of its own, on whatever database the class below it names.</summary>
public abstract class ProgramContract : IAsyncLifetime
{
    private ProgramWorld? _world;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected ProgramWorld World => _world ?? throw new InvalidOperationException("The program has not started.");

    public virtual async ValueTask InitializeAsync() => _world = await StartAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }

    private protected abstract Task<string> ConnectionStringAsync();

    private protected virtual async Task<ProgramWorld> StartAsync() => await ProgramWorld.StartAsync(await ConnectionStringAsync());

    private protected static Task UntilAsync(Func<bool> done) => UntilAsync(() => Task.FromResult(done()));

    private protected static async Task UntilAsync(Func<Task<bool>> done)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await done())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>A queue of the tests' own on a topic.</summary>
    private protected sealed class Listener(string topic, Action<Message> told) : IMessageHandler
    {
        public string Queue => "test-" + topic;

        public string Topic => topic;

        public Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
        {
            foreach (var message in messages)
            {
                told(message);
            }

            return Task.CompletedTask;
        }
    }
}
