using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kindred.Service.Tests.VendorShop;

/// <summary>A service of rates on loopback, which answers as a test says and notes what it was asked.</summary>
internal sealed class RateServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RateServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.First() + "/v1";

    /// <summary>Path and query of every request, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Answers <c>/latest</c>; the text of the body.</summary>
    public Func<HttpContext, Task> Latest { get; set; } = Say("""{"data":{"EUR":0.5}}""");

    /// <summary>Answers <c>/currencies</c>.</summary>
    public Func<HttpContext, Task> Currencies { get; set; } = Say("""{"data":{"USD":{"name":"Dollar"},"EUR":{"name":"Euro"},"GBP":{}}}""");

    public int Count(string path) => Asked.Count(asked => asked.StartsWith("/v1/" + path + "?", StringComparison.Ordinal));

    public static Func<HttpContext, Task> Say(string body, int status = 200) => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    };

    /// <summary>Never answers.</summary>
    public static Task Hang(HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted);

    public static async Task<RateServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new RateServer(builder.Build());
        server._app.Run(async context =>
        {
            server.Asked.Enqueue(context.Request.Path + context.Request.QueryString.ToString());
            try
            {
                await (context.Request.Path == "/v1/latest" ? server.Latest : server.Currencies)(context);
            }
            catch (OperationCanceledException)
            {
                // Whoever asked has gone.
            }
        });
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
